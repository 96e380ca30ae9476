import { describe, expect, test } from 'vitest';
import { contextOf } from '../../../src/vscode/context-values.js';
import { projectRow, stageWords, stateWords } from '../../../src/vscode/project-rows.js';
import { type Knowledge, type ProjectState, type RunElsewhere, newState } from '../../../src/vscode/project-state.js';
import { withoutRelease } from '../../../src/vscode/project-state.js';
import type { EventBody } from '../../../src/core/pipeline/events.js';
import { reduceRun, type RunState, startOfRun } from '../../../src/vscode/run-state.js';
import { eventsOf, FAILURE, RUN_STARTED, STATUS } from './events.js';

const NOW = 10_000_000;
const ELSEWHERE: RunElsewhere = { run: 'r', where: 'the command line', startedAt: NOW - 12_000, stage: 'wheels', log: '/logs/r.log' };

const project = (known: Knowledge, more: Partial<ProjectState> = {}): ProjectState => ({ ...newState('/home/me/polls', 'polls'), known, ...more });

const run = (at: number, ...bodies: readonly EventBody[]): RunState =>
  eventsOf(RUN_STARTED, ...bodies).reduce((state, event) => reduceRun(state, event, at), startOfRun(at));
const failed = (at: number): RunState =>
  run(at, { type: 'stage.failed', stage: 'wheels', error: FAILURE, ms: 1 }, { type: 'run.finished', outcome: 'failed', changed: false, ms: 1, error: FAILURE });
const done = (at: number): RunState => run(at, { type: 'run.finished', outcome: 'done', changed: true, ms: 1 });
const running = (at: number): RunState => run(at, { type: 'stage.started', stage: 'wheels', reason: '' });
const status: Knowledge = { kind: 'status', document: STATUS, at: NOW - 300_000 };

describe('a project in a list', () => {
  test.each<[string, ProjectState]>([
    ['not asked yet', project({ kind: 'nothing' })],
    ['wheels, release stale, asked 5 min ago', project(status)],
    ['wheels, release stale, asked 5 min ago; polls/urls.py was saved since', project(status, { savedSince: 'polls/urls.py' })],
    ['up to date, asked 5 min ago', project({ ...status, document: { ...STATUS, stages: STATUS.stages.slice(0, 1) } })],
    ['running: wheels 12 s', project({ kind: 'run', run: running(NOW - 12_000) })],
    ['running: starting 3 s', project({ kind: 'run', run: startOfRun(NOW - 3000) })],
    ['wheels failed 2 min ago', project({ kind: 'run', run: failed(NOW - 120_000) })],
    ['up to date, 2 min ago', project({ kind: 'run', run: done(NOW - 120_000) })],
    ['cancelled 2 min ago', project({ kind: 'run', run: run(NOW - 120_000, { type: 'run.finished', outcome: 'cancelled', changed: false, ms: 1 }) })],
    ['running on the command line: wheels, 12 s', project(status, { elsewhere: ELSEWHERE })],
    ['running in another window, 12 s', project(status, { elsewhere: { run: 'r', where: 'another window', startedAt: NOW - 12_000 } })],
    // What runs here is nearer.
    ['running: wheels 12 s', project({ kind: 'run', run: running(NOW - 12_000) }, { elsewhere: ELSEWHERE })],
  ])('%s', (words, state) => {
    expect(stateWords(state, NOW)).toBe(words);
  });

  test('has the name, where it is, and its state', () => {
    const row = projectRow(project({ kind: 'run', run: failed(NOW - 120_000) }), 'shop/services/polls', NOW);
    expect(row).toEqual({ icon: 'error', label: 'polls', description: 'shop/services/polls', detail: 'wheels failed 2 min ago' });
  });
});

test('an image in a list tells what is known of its stage, and nothing where nothing is', () => {
  expect(stageWords(project({ kind: 'nothing' }), 'base', NOW)).toBeUndefined();
  expect(stageWords(project(status), 'base', NOW)).toBe('up to date, asked 5 min ago');
  expect(stageWords(project(status), 'wheels', NOW)).toBe('stale: polls/views.py changed, asked 5 min ago');
  expect(stageWords(project({ kind: 'run', run: failed(NOW - 120_000) }), 'wheels', NOW)).toBe('failed 2 min ago');
  expect(stageWords(project({ kind: 'run', run: failed(NOW - 120_000) }), 'release', NOW)).toBeUndefined();
});

describe('the context keys', () => {
  const trueIn = (...states: readonly ProjectState[]): readonly string[] =>
    [...contextOf(states)].flatMap(([key, value]) => (value ? [key.replace('pypackage.', '')] : []));

  test('without a project none is true', () => {
    expect(trueIn()).toEqual([]);
  });

  test('before anybody asked nothing is said to run or to be stopped', () => {
    expect(trueIn(project({ kind: 'nothing' }))).toEqual(['hasProject']);
  });

  test('while one of two runs', () => {
    expect(trueIn(project({ kind: 'nothing' }), project({ kind: 'run', run: running(NOW) }, { log: '/l' }))).toEqual([
      'hasProject',
      'severalProjects',
      'running',
      'hasLog',
    ]);
  });

  test('after a failure that can be mended; also once the engine was asked', () => {
    const mendable = { ...failed(NOW), error: { ...FAILURE, remedy: { kind: 'system-packages', use: 'build', packages: ['zlib1g-dev'] } } } as const;
    expect(trueIn(project({ kind: 'run', run: mendable }))).toEqual(['hasProject', 'hasRun', 'hasRemedy']);
    expect(trueIn(project({ ...status, lastRun: mendable }))).toContain('hasRemedy');
    expect(trueIn(project({ kind: 'run', run: failed(NOW) }))).toEqual(['hasProject', 'hasRun']);
  });

  test('of the release: asked, started here, stopped again', () => {
    const service = { id: '1', name: 'polls', state: 'running', health: 'healthy', image: 'polls' };
    const asked = project({ ...status, document: { ...STATUS, services: [service] } });
    expect(trueIn(project(status))).toContain('releaseStopped');
    expect(trueIn(asked)).toContain('releaseRunning');
    expect(trueIn(project({ kind: 'nothing' }, { url: 'http://127.0.0.1:8000' }))).toContain('releaseRunning');
    expect(trueIn(withoutRelease(asked))).toContain('releaseStopped');
    // Nobody asked about the second one: Stop may be needed.
    expect(trueIn(project(status), project({ kind: 'nothing' }))).not.toContain('releaseStopped');
  });

  test('of a run elsewhere, with its log', () => {
    expect(trueIn(project({ kind: 'nothing' }, { elsewhere: ELSEWHERE }))).toEqual(['hasProject', 'runningElsewhere', 'hasLog']);
  });
});
