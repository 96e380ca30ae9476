import { describe, expect, test } from 'vitest';
import { type EventBody, STAGES } from '../../../src/core/pipeline/events.js';
import type { StatusDocument } from '../../../src/core/request.js';
import { newState, type ProjectState } from '../../../src/vscode/project-state.js';
import { reduceRun, type RunState, startOfRun } from '../../../src/vscode/run-state.js';
import { stageRow, targetRow } from '../../../src/vscode/views/target-rows.js';
import { eventsOf, FAILURE, RUN_STARTED, STATUS } from './events.js';

const NOW = Date.UTC(2026, 0, 1);
const PROJECT = newState('/home/me/polls', 'polls');
const DOCUMENT: StatusDocument = {
  ...STATUS,
  stages: [
    { stage: 'base', state: 'up to date', reason: '', artifact: { id: 'sha256:1', name: 'local/polls-base:1', size: 150_000_000, created: NOW } },
    { stage: 'builder', state: 'up to date', reason: '' },
    { stage: 'wheels', state: 'stale', reason: 'polls/views.py and 2 more changed' },
    { stage: 'release', state: 'never run', reason: 'never run' },
  ],
};

const rows = (state: ProjectState): readonly string[] =>
  STAGES.map((stage) => {
    const { label, description, icon } = stageRow(state, stage, NOW);
    return `${icon} ${label}${description === '' ? '' : `: ${description}`}`;
  });

const withRun = (run: RunState): ProjectState => ({ ...PROJECT, known: { kind: 'run', run } });

/** Twelve seconds into the stage wheels. */
function runOf(...bodies: readonly EventBody[]): RunState {
  const begun: readonly EventBody[] = [
    RUN_STARTED,
    { type: 'stage.skipped', stage: 'base', reason: 'up to date' },
    { type: 'stage.started', stage: 'wheels', reason: 'views.py changed' },
  ];
  return eventsOf(...begun, ...bodies).reduce((run, event) => reduceRun(run, event, NOW - 12_000), startOfRun(NOW - 20_000));
}

describe('rows of a target', () => {
  test('nobody was asked', () => {
    expect(rows(PROJECT)).toEqual(STAGES.map((stage) => `circle-outline ${stage}: not asked yet`));
    expect(targetRow(PROJECT, '', NOW)).toMatchObject({ label: 'polls', description: 'not asked yet', icon: 'package', context: 'target idle' });
  });

  test('what the engine said', () => {
    const state: ProjectState = { ...PROJECT, known: { kind: 'status', document: DOCUMENT, at: NOW } };
    expect(rows(state)).toEqual([
      'check base: up to date · 150 MB',
      'check builder: up to date',
      'circle-slash wheels: stale: polls/views.py and 2 more changed',
      'circle-outline release: never run',
    ]);
    expect(targetRow(state, 'services/polls', NOW).description).toBe('1.4.0 · Python 3.13 · services/polls');
  });

  test('a run: what is behind it, what it is at and for how long, what waits', () => {
    const state = withRun(runOf());
    expect(rows(state)).toEqual([
      'check base: up to date',
      'circle-outline builder: waiting',
      'sync~spin wheels: 12 s · views.py changed',
      'circle-outline release: waiting',
    ]);
    expect(targetRow(state, '', NOW)).toMatchObject({ icon: 'sync~spin', context: 'target running' });
  });

  test('a run that failed: where, of what, after how long; what it did not get to', () => {
    const run = runOf(
      { type: 'stage.failed', stage: 'wheels', error: FAILURE, ms: 1234 },
      { type: 'run.finished', outcome: 'failed', ms: 2000, changed: true, error: FAILURE },
    );
    expect(rows(withRun(run)).slice(2)).toEqual([
      'error wheels: failed · 1.2 s · mysqlclient 2.2.7 does not compile: mysql.h is missing',
      'circle-outline release: not reached',
    ]);
  });

  test('a file that was saved since leaves only the wheels in doubt', () => {
    const document = { ...DOCUMENT, stages: DOCUMENT.stages.map((row) => ({ ...row, state: 'up to date' as const, reason: '' })) };
    const state: ProjectState = { ...PROJECT, known: { kind: 'status', document, at: NOW }, savedSince: 'polls/views.py' };
    expect(rows(state)[2]).toBe('circle-slash wheels: polls/views.py was saved since');
    expect(rows(state)[1]).toBe('check builder: up to date');
  });

  test('ids stay whatever becomes of it; what a menu may offer does not', () => {
    const states = [PROJECT, withRun(runOf()), { ...PROJECT, log: '/logs/1.log' }];
    expect(new Set(states.map((state) => stageRow(state, 'wheels', NOW).id)).size).toBe(1);
    expect(states.map((state) => stageRow(state, 'wheels', NOW).context)).toEqual(['stage idle', 'stage running', 'stage idle log']);
  });
});
