/**
 * The manifest's problem matchers on what tools really print. pytest's and pip's output is theirs (pytest 9.2, pip 26.3, gcc 12), only folders were
 * renamed; docker's is written after that of Docker 27. Lines are matched as VS Code does it: as many of them as there are patterns.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../../package.json';
import type { RunEvent } from '../../../src/core/pipeline/events.js';
import { LiveView } from '../../../src/terminal/live-view.js';
import { styleOf } from '../../../src/terminal/style.js';
import { Screen } from '../cli/screen.js';
import { eventsOf, RUN_STARTED } from './events.js';

interface Pattern {
  readonly regexp: string;
  readonly file?: number;
  readonly line?: number;
  readonly column?: number;
  readonly severity?: number;
  readonly message?: number;
}

type Name = 'docker' | 'pip' | 'requirements' | 'pytest';

/** `file:line:column severity message` of each problem. */
function problems(name: Name, lines: readonly string[]): readonly string[] {
  const matcher = manifest.contributes.problemMatchers.find((each) => each.name === `pypackage-${name}`);
  if (!matcher) throw new Error(`no matcher ${name}`);
  const patterns: readonly Pattern[] = Array.isArray(matcher.pattern) ? matcher.pattern : [matcher.pattern];
  return lines.flatMap((_, start) => {
    const found: Record<string, string> = {};
    for (const [index, pattern] of patterns.entries()) {
      const match = new RegExp(pattern.regexp).exec(lines[start + index] ?? '\n');
      if (!match) return [];
      for (const key of ['file', 'line', 'column', 'severity', 'message'] as const) {
        const text = pattern[key] === undefined ? undefined : match[pattern[key]];
        if (text !== undefined) found[key] = text;
      }
    }
    const place = [found['file'], found['line'], found['column']].filter((part) => part !== undefined).join(':');
    return [`${place} ${found['severity'] ?? matcher.severity} ${found['message'] ?? ''}`];
  });
}

const output = (name: string): readonly string[] =>
  readFileSync(join(import.meta.dirname, '../../fixtures/tool-output', `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n');

const COMPILER = [
  'src/native.c:2:35 error expected ‘;’ before ‘}’ token',
  'src/native.c:2:24 warning unused variable ‘x’ [-Wunused-variable]',
  'src/native.c:3:10 error nothere.h: No such file or directory',
];

test('pip: what the compiler below it complains of', () => {
  expect(problems('pip', output('pip-wheel'))).toEqual(COMPILER);
});

test('pip: in a build of docker, too', () => {
  expect(new Set(problems('pip', output('docker-build')))).toEqual(new Set([COMPILER[2]]));
});

test('pip: a line of a requirements file', () => {
  expect(problems('requirements', output('pip-requirements'))).toEqual([
    "requirements.txt:2 error Invalid requirement: 'django==': Expected semicolon (after name with no version specifier) or end",
  ]);
});

test('docker: the line of the Dockerfile that failed', () => {
  expect(problems('docker', output('docker-build'))).toEqual(['Dockerfile:3 error Dockerfile:3']);
});

test.each(['deploy/Dockerfile:12', 'Dockerfile.web:12', 'web.Dockerfile:12', 'dockerfile:12'])('docker: a file called %s', (place) => {
  expect(problems('docker', [place])).toEqual([`${place} error ${place}`]);
});

test('pytest: where a test failed', () => {
  expect(problems('pytest', output('pytest'))).toEqual([
    'tests/test_a.py:7 error AssertionError',
    'tests/test_a.py:4 error ValueError',
    'tests/test_a.py:14 error AssertionError',
    '/home/ann/polls/tests/test_a.py:18 Warning DeprecationWarning: old',
  ]);
  expect(problems('pytest', output('pytest-tb-line'))).toEqual([
    '/home/ann/polls/tests/test_a.py:7 error assert (1 + 1) == 3',
    '/home/ann/polls/tests/test_a.py:4 error ValueError: bad x',
    "/home/ann/polls/tests/test_a.py:14 error AssertionError: assert 'a\\nb' == 'c'",
    '/home/ann/polls/tests/test_a.py:18 Warning DeprecationWarning: old',
  ]);
});

test('pytest: a module that cannot be imported, and not the machinery that tried', () => {
  expect(problems('pytest', output('pytest-import'))).toEqual(['tests/test_b.py:1 error in <module>']);
});

test.each<readonly [Name, string]>([
  ['pip', 'pip-requirements'],
  ['pip', 'pytest'],
  ['pytest', 'pip-wheel'],
  ['pytest', 'docker-build'],
  ['docker', 'pytest'],
  ['requirements', 'docker-build'],
])('%s finds nothing in %s', (name, file) => {
  expect(problems(name, output(file))).toEqual([]);
});

test('in the terminal of a task: all but the place that the error itself names', () => {
  const screen = new Screen(140);
  const style = styleOf(false);
  const view = new LiveView(screen, screen, { out: style, err: style }, { verbose: false, showPath: (path) => path, now: () => Date.now() });
  const lines: readonly RunEvent[] = eventsOf(
    RUN_STARTED,
    { type: 'stage.started', stage: 'wheels', reason: 'never built' },
    ...output('pip-wheel')
      .slice(-20)
      .map((text) => ({ type: 'log', stage: 'wheels', stream: 'stdout', text }) as const),
    ...['tests/test_a.py:7: AssertionError', '/src/src/other.c:8:1: warning: old', 'Dockerfile.release:4'].map(
      (text) => ({ type: 'log', stage: 'wheels', stream: 'stdout', text }) as const,
    ),
    {
      type: 'stage.failed',
      stage: 'wheels',
      ms: 5,
      error: { kind: 'stage', code: 'x', message: 'ext does not compile', where: { file: 'src/native.c', line: 3, column: 10 } },
    },
    { type: 'run.finished', outcome: 'failed', changed: false, ms: 6 },
  );
  for (const event of lines) void view.event(event);
  expect(screen.lines.join('\n')).toContain('  >       src/native.c:3:10: fatal error');
  expect(screen.lines.join('\n')).toContain('where  wheels, src/native.c:3:10');
  expect(problems('pip', screen.lines)).toEqual([...COMPILER.slice(0, 2), 'src/other.c:8:1 warning old']);
  expect(problems('pytest', screen.lines)).toEqual(['tests/test_a.py:7 error AssertionError']);
});
