import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { processesOf, processWords, readProcesses, runWords } from '../../../src/core/images/processes.js';

const run = (words: readonly string[]): string =>
  execFileSync(words[0] ?? '', words.slice(1), { encoding: 'utf8', env: { PATH: process.env['PATH'], PORT: '8000' } });

describe('process types', () => {
  test('the release phase is not kept, and a label of somebody else is none', () => {
    expect(
      processesOf([
        { name: 'web', command: 'a', line: 1 },
        { name: 'release', command: 'b', line: 2 },
      ]),
    ).toEqual({ web: 'a' });
    expect([readProcesses(undefined), readProcesses('{'), readProcesses('{"a": 1}'), readProcesses('{"a": "b"}')]).toEqual([{}, {}, {}, { a: 'b' }]);
  });

  test('a simple command takes the place of the shell, with its assignments', () => {
    expect(processWords('gunicorn app --bind :$PORT')).toEqual(['sh', '-c', 'exec gunicorn app --bind :$PORT']);
    expect(processWords(`A="a b" B='c d' E= run $A`)).toEqual(['sh', '-c', `A="a b" B='c d' E= exec run $A`]);
    expect(run(processWords("A=1 B=2 sh -c 'echo $A$B $PORT'"))).toBe('12 8000\n');
    expect(run(processWords('cd / && pwd'))).toBe('/\n');
  });

  test('a type with further words, and a command that is none', () => {
    const processes = { worker: 'printf %s.', constructor_: 'x' };
    expect(run(runWords(['worker', 'a b', '$c'], processes))).toBe('a b.$c.');
    for (const words of [['ls', 'worker'], ['./worker'], ['constructor'], []]) expect(runWords(words, processes)).toEqual(words);
  });
});
