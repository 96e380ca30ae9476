import { describe, expect, test } from 'vitest';
import { styleOf } from '../../../src/terminal/style.js';
import { JsonView } from '../../../src/cli/json-view.js';
import { PlainView } from '../../../src/terminal/plain-view.js';
import type { RunEvent } from '../../../src/core/pipeline/events.js';
import { CANCELLED, EDITED, eventsOf, FAILED, NO_PROJECT, UNCHANGED } from './events.js';
import { Pipe } from './screen.js';

function shown(events: readonly RunEvent[], options: { readonly verbose?: boolean; readonly colour?: boolean } = {}): { out: string; err: string } {
  const out = new Pipe();
  const err = new Pipe();
  const style = styleOf(options.colour ?? false);
  const view = new PlainView(
    out,
    err,
    { out: style, err: style },
    {
      verbose: options.verbose ?? false,
      showPath: (path) => path.replace('/home/ann', '~'),
      next: (serves) => `pypackage ${serves ? 'start' : 'run'}`,
    },
  );
  for (const event of events) void view.event(event);
  view.close();
  return { out: out.text, err: err.text };
}

test('an edit, in a pipe', () => {
  expect(shown(EDITED)).toEqual({
    out: `polls 1.4.0 · Python 3.13 · 14 dependencies from uv.lock · engine Docker 28.5 (default socket)

  base      up to date
  builder   up to date
  wheels    started: polls/views.py changed
  wheels    > build polls
  wheels    | adding polls/views.py
  wheels    | 100 %
  wheels    note: the tree is not committed
  wheels    > build polls (done in 0.6 s)
  wheels    1 built, 14 kept       0.6 s   polls/views.py changed
  release   started: wheels changed
  release   > [1/2] FROM layer (cached)
  release   > [2/2] RUN install.py
  release   > [2/2] RUN install.py (done in 0.9 s)
  release   built                  1.0 s   acme/polls-release:1.4.0 · 168 MB

Done in 1.7 s. Start it with: pypackage start
`,
    err: '',
  });
});

test('nothing changed', () => {
  expect(shown(UNCHANGED).out).toBe(`polls 1.4.0 · Python 3.13 · 14 dependencies from uv.lock · engine Docker 28.5 (default socket)

  base      up to date
  release   up to date

Up to date, nothing to do (0.2 s). Run it with: pypackage run
`);
});

test('a failure is one block on standard error; its log lines have been printed already', () => {
  const { out, err } = shown(FAILED);
  expect(out).toContain('\n  wheels    | gcc line 25\n  wheels    > mysqlclient (failed after 12 s)\n  wheels    failed                  12 s\n');
  expect(err).toBe(`error: mysqlclient 2.2.7 does not compile: mysql.h is missing
  where  wheels, mysqlclient
  why    the builder image lacks Debian's default-libmysqlclient-dev
  fix    pypackage fix add-package default-libmysqlclient-dev
  log    ~/.local/state/pypackage/logs/20261123T120000-polls-7f3a.log
`);
});

test('with --verbose the details of an error are shown', () => {
  expect(shown(FAILED, { verbose: true }).err).toContain('\n  Error: at stage.ts:1\n');
});

test('a run that ends before it began', () => {
  expect(shown(NO_PROJECT)).toEqual({
    out: '',
    err: 'error: No Python project in /tmp/x\n  where  /tmp/x\n  fix    run it in the folder of a project\n',
  });
});

test('cancelling is not an error', () => {
  const { out, err } = shown(CANCELLED);
  expect(out).not.toContain('failed');
  expect(err).toBe('Cancelled after 3.1 s.\n');
});

describe('lines of containers cannot pass for ours', () => {
  test.each([
    ['a carriage return', 'x\r  release   built', '  wheels    |   release   built'],
    ['cursor movement', '\u001b[2A\u001b[2Kgone', '  wheels    | gone'],
    ['a window title', 'a\u001b]0;title\u0007b', '  wheels    | ab'],
    ['an unfinished sequence', 'a\u001b', '  wheels    | a'],
    ['a C1 control', 'a\u009b2Jb', '  wheels    | ab'],
    ['a line separator', 'a\u2028  base      failed', '  wheels    | a  base      failed'],
    ['text that is turned around', 'a\u202eb', '  wheels    | ab'],
    ['an empty line', '', '  wheels    |'],
  ])('%s', (_name, text, line) => {
    const { out } = shown(eventsOf({ type: 'log', stage: 'wheels', stream: 'stdout', text }));
    expect(out).toBe(`${line}\n`);
  });

  test('nor can a step, a reason, a summary or an error', () => {
    const evil = 'a\n  release   built\u001b[2J';
    const { out, err } = shown(
      eventsOf(
        { type: 'stage.started', stage: 'wheels', reason: evil },
        { type: 'step', stage: 'wheels', id: '1', name: evil, state: 'started' },
        { type: 'stage.finished', stage: 'wheels', summary: evil, detail: evil, ms: 1 },
        { type: 'run.finished', outcome: 'failed', changed: false, ms: 1, error: { kind: 'stage', code: 'x', message: evil, why: evil } },
      ),
    );
    expect(out.split('\n')).toHaveLength(4);
    expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/u);
    expect(err).not.toMatch(/^ {2}release/m);
  });
});

test.each([
  ['[stage-0 2/5] RUN --mount=type=secret,id=pypackage-ca     --mount=type=cache,target=/root apt-get install  gcc', '[2/5] RUN apt-get install gcc'],
  ['[2/4] COPY --link --from=x a b', '[2/4] COPY a b'],
  ['RUN ls --color', 'RUN ls --color'],
  ['[internal] load build definition', '[internal] load build definition'],
])('a step is told without its mounts: %s', (name, label) => {
  const { out } = shown(eventsOf({ type: 'step', stage: 'base', id: '1', name, state: 'started' }));
  expect(out).toBe(`  base      > ${label}\n`);
});

test('progress comes at most every ten seconds', () => {
  const progress = (at: number, current: number) =>
    ({ type: 'progress', stage: 'base', label: 'python:3.13', current, total: 200, unit: 'bytes', at }) as const;
  const { out } = shown(
    eventsOf(
      { type: 'stage.started', stage: 'base', reason: 'never run' },
      progress(100, 1),
      progress(10_000, 90),
      progress(10_100, 91),
      progress(21_000, 400),
    ),
  );
  expect(out).toBe('  base      started: never run\n  base      > python:3.13 45 %\n  base      > python:3.13 100 %\n');
});

test('FORCE_COLOR colours a pipe, and words say the same without it', () => {
  const coloured = shown(EDITED, { colour: true }).out;
  expect(coloured).toContain('\u001b[32m1 built, 14 kept');
  expect(coloured).toContain('\u001b[31mpolls/views.py\u001b[0m');
  expect(coloured).not.toMatch(/\u001b\[[^m]*[A-Za-ln-z]/u);
});

test('--json prints the events as they are, one a line', () => {
  const out = new Pipe();
  const view = new JsonView(out);
  for (const event of FAILED) void view.event(event);
  view.cancelling();
  view.close();
  expect(
    out.text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual(FAILED);
});
