/** Runs as the core tells them, for the tests of what shows them. */
import type { EventBody, RunEvent } from '../../../src/core/pipeline/events.js';

export const START = Date.UTC(2026, 10, 23, 12);

/** Numbers them; each comes `ms` after the start where that is given, else with the one before. */
export function eventsOf(...bodies: readonly (EventBody & { readonly at?: number })[]): readonly RunEvent[] {
  const events: RunEvent[] = [];
  let now = 0;
  for (const { at, ...body } of bodies) {
    now = at ?? now;
    events.push({ v: 1, run: '20261123T120000-7f3a', seq: events.length + 1, time: new Date(START + now).toISOString(), target: 'polls', ...body });
  }
  return events;
}

const STARTED: EventBody = {
  type: 'run.started',
  project: { name: 'polls', version: '1.4.0', root: '/home/ann/polls' },
  python: '3.13',
  engine: 'Docker 28.5 (default socket)',
  stages: ['base', 'builder', 'wheels', 'release'],
  facts: ['14 dependencies from uv.lock'],
  log: '/home/ann/.local/state/pypackage/logs/20261123T120000-polls-7f3a.log',
};

const RELEASE = {
  name: 'polls',
  version: '1.4.0',
  image: 'acme/polls-release:1.4.0',
  tags: ['1.4.0', 'latest'],
  imageId: 'sha256:1',
  size: 168_000_000,
  command: ['gunicorn'],
  serves: true,
};

export const EDITED = eventsOf(
  STARTED,
  { type: 'stage.skipped', stage: 'base', reason: 'up to date' },
  { type: 'stage.skipped', stage: 'builder', reason: 'up to date' },
  { type: 'stage.started', stage: 'wheels', reason: 'polls/views.py changed' },
  { type: 'step', stage: 'wheels', id: 'w1', name: 'build polls', state: 'started' },
  { type: 'log', stage: 'wheels', step: 'w1', stream: 'stdout', text: 'adding \u001b[31mpolls/views.py\u001b[0m\r' },
  { type: 'log', stage: 'wheels', step: 'w1', stream: 'stderr', text: '10 %\r50 %\r100 %' },
  { type: 'log', stage: 'wheels', stream: 'note', text: 'the tree is not committed' },
  { type: 'step', stage: 'wheels', id: 'w1', name: 'build polls', state: 'done', ms: 590, at: 600 },
  { type: 'artifact', stage: 'wheels', kind: 'wheel', name: 'polls-1.4.0-py3-none-any.whl', size: 96_000 },
  { type: 'stage.finished', stage: 'wheels', summary: '1 built, 14 kept', detail: '', ms: 600 },
  { type: 'stage.started', stage: 'release', reason: 'wheels changed' },
  { type: 'step', stage: 'release', id: 'r1', name: '[1/2] FROM layer', state: 'cached' },
  { type: 'step', stage: 'release', id: 'r2', name: '[2/2] RUN install.py', state: 'started' },
  { type: 'step', stage: 'release', id: 'r2', name: '[2/2] RUN install.py', state: 'done', ms: 900, at: 1_600 },
  { type: 'stage.finished', stage: 'release', summary: 'built', detail: 'acme/polls-release:1.4.0 · 168 MB', ms: 1_000 },
  { type: 'run.finished', outcome: 'done', changed: true, ms: 1_700, release: RELEASE, at: 1_700 },
);

export const UNCHANGED = eventsOf(
  STARTED,
  { type: 'stage.skipped', stage: 'base', reason: 'up to date' },
  { type: 'stage.skipped', stage: 'release', reason: 'up to date' },
  { type: 'run.finished', outcome: 'done', changed: false, ms: 180, release: { ...RELEASE, serves: false } },
);

const COMPILE_ERROR = {
  kind: 'stage',
  code: 'does-not-compile',
  message: 'mysqlclient 2.2.7 does not compile: mysql.h is missing',
  why: "the builder image lacks Debian's default-libmysqlclient-dev",
  fix: 'pypackage fix add-package default-libmysqlclient-dev',
  detail: 'Error: at stage.ts:1',
} as const;

export const FAILED = eventsOf(
  STARTED,
  { type: 'stage.started', stage: 'wheels', reason: 'never run' },
  { type: 'step', stage: 'wheels', id: 'a', name: 'django', state: 'started' },
  { type: 'log', stage: 'wheels', step: 'a', stream: 'stdout', text: 'of another step' },
  { type: 'step', stage: 'wheels', id: 'a', name: 'django', state: 'done', ms: 10 },
  { type: 'step', stage: 'wheels', id: 'b', name: 'mysqlclient', state: 'started' },
  ...Array.from({ length: 25 }, (_, index) => ({ type: 'log', stage: 'wheels', step: 'b', stream: 'stderr', text: `gcc line ${index + 1}` }) as const),
  { type: 'step', stage: 'wheels', id: 'b', name: 'mysqlclient', state: 'failed', ms: 12_000, at: 12_000 },
  { type: 'stage.failed', stage: 'wheels', error: COMPILE_ERROR, ms: 12_000 },
  { type: 'run.finished', outcome: 'failed', changed: false, ms: 12_100, error: COMPILE_ERROR },
);

export const NO_PROJECT = eventsOf({
  type: 'run.finished',
  outcome: 'failed',
  changed: false,
  ms: 3,
  error: { kind: 'project', code: 'no-project', message: 'No Python project in /tmp/x', fix: 'run it in the folder of a project', where: { file: '/tmp/x' } },
});

export const CANCELLED = eventsOf(
  STARTED,
  { type: 'stage.started', stage: 'wheels', reason: 'never run' },
  { type: 'stage.failed', stage: 'wheels', error: { kind: 'cancelled', code: 'cancelled', message: 'Cancelled' }, ms: 3_000, at: 3_000 },
  { type: 'run.finished', outcome: 'cancelled', changed: false, ms: 3_100 },
);
