import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const REPORT = resolve('scripts/engines/report.mjs');

/** What a function of the script gives back. */
async function call(name: string, ...args: readonly unknown[]): Promise<unknown> {
  const script = `import { ${name} } from ${JSON.stringify(REPORT)}; console.log(JSON.stringify(${name}(...${JSON.stringify(args)})));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return JSON.parse(stdout);
}

describe('the table of engines', () => {
  it('has a row an engine and a column a test, and says what was not started', async () => {
    const job = { name: 'job', passed: 3, failures: [] };
    const outcomes = [
      { name: 'one', files: [job, { name: 'build', passed: 1, failures: ['a', 'b'] }] },
      { name: 'two', files: [job], difference: '' },
      { name: 'three', files: [job], difference: 'greet: files: …' },
      { name: 'four', files: [], why: 'no Go' },
    ];
    expect(String(await call('resultTable', outcomes)).split('\n')).toEqual([
      '| engine | build              | job         | same release |',
      '| ------ | ------------------ | ----------- | ------------ |',
      '| one    | 2 failed, 1 passed | 3 passed    | not run      |',
      '| two    | not run            | 3 passed    | passed       |',
      '| three  | not run            | 3 passed    | failed       |',
      '| four   | not started        | not started | not started  |',
    ]);
  });
});

describe('the same release', () => {
  const release = { 'greet: wheels': ['a 1', 'b 2'], 'greet: files': ['/x 1'] };

  it('is one without any difference, in whatever order', async () => {
    expect(await call('firstDifference', { ...release, 'greet: wheels': ['b 2', 'a 1'] }, release, 'one')).toBe('');
  });

  it('is not one with another line, a line more or a line less, and the first is told', async () => {
    const differenceOf = (other: object): Promise<unknown> => call('firstDifference', { ...release, ...other }, release, 'one');
    expect(await differenceOf({ 'greet: files': ['/x 2'] })).toBe('greet: files: here /x 2; on one /x 1');
    expect(await differenceOf({ 'greet: wheels': ['a 1', 'b 2', 'c 3'] })).toBe('greet: wheels: here c 3; on one nothing more');
    expect(await differenceOf({ 'greet: files': [] })).toBe('greet: files: here nothing more; on one /x 1');
    expect(await differenceOf({ 'polls: files': ['/y'] })).toBe('polls: files: here /y; on one nothing more');
  });
});
