import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../../src/core/pipeline/run-record.js';
import { newState } from '../../../src/vscode/project-state.js';
import { elsewhereByStatus, elsewhereOf, interruptionText, runStateOf } from '../../../src/vscode/record-view.js';
import { startOfRun } from '../../../src/vscode/run-state.js';
import { FAILURE, RELEASE } from './events.js';

const START = Date.parse('2026-11-27T08:00:00Z');

const RECORD: RunRecord = {
  v: 1,
  run: '20261127-080000-7f3a',
  verb: 'all',
  by: 'editor',
  pid: 1,
  writtenAt: START + 2000,
  root: '/home/me/polls',
  target: 'polls',
  name: 'polls',
  version: '1.4.0',
  state: 'running',
  startedAt: START,
  changed: true,
  stages: [
    { stage: 'base', state: 'up to date', text: 'up to date' },
    { stage: 'wheels', state: 'running', text: 'polls/views.py changed' },
  ],
  stage: 'wheels',
  log: '/logs/polls.log',
};

describe('a record in a window that did not show the run', () => {
  test('of a run at work says where it is and how far', () => {
    const elsewhere = { run: RECORD.run, where: 'another window', startedAt: START, stage: 'wheels', log: '/logs/polls.log' };
    expect(elsewhereOf(RECORD)).toEqual(elsewhere);
    expect(elsewhereOf({ ...RECORD, by: 'command line' }).where).toBe('the command line');
  });

  test('of an ended run becomes its state; nothing goes on in it', () => {
    const failed = runStateOf({ ...RECORD, state: 'failed', endedAt: START + 12_000, ms: 12_000, error: FAILURE }, 'failed');
    expect(failed).toMatchObject({ phase: 'failed', stage: 'wheels', error: FAILURE, ms: 12_000, endedAt: START + 12_000, log: '/logs/polls.log' });
    expect(failed).not.toHaveProperty('interrupted');
    const killed = runStateOf(RECORD, 'interrupted');
    expect(killed).toMatchObject({ phase: 'cancelled', interrupted: true, endedAt: START + 2000 });
    expect(killed.stages.map(({ state }) => state)).toEqual(['up to date', 'waiting']);
  });

  test('of an interrupted run says what it was at, and what is left', () => {
    const { name, version, image, tags, size } = RELEASE;
    const release = { name, version, image, tags, size };
    expect(interruptionText({ ...RECORD, state: 'interrupted', ms: 12_000, release }, START)).toBe(
      'The build of polls was interrupted: its window was closed or reloaded (wheels, 12 s). The last release, 1.4.0, is as it was.',
    );
    expect(interruptionText({ ...RECORD, verb: 'lock' }, START + 180_000)).toBe(
      'The locking of polls was interrupted: the editor ended while it ran (wheels, 3 min ago). Nothing was released.',
    );
  });
});

test('an engine that was asked tells of another machine, and no more of it when it has ended', () => {
  const state = newState('/p', 'polls');
  const running = { run: 'r', startedAt: START, where: 'another machine' } as const;
  const elsewhere = elsewhereByStatus(state, running);
  expect(elsewhere).toEqual(running);
  expect(elsewhereByStatus({ ...state, elsewhere }, undefined)).toBeUndefined();
  // What this window runs itself holds the lease, too; and a record of this machine knows more.
  expect(elsewhereByStatus({ ...state, known: { kind: 'run', run: startOfRun(0) } }, running)).toBeUndefined();
  const here = elsewhereOf(RECORD);
  expect(elsewhereByStatus({ ...state, elsewhere: here }, { ...running, where: 'this machine' })).toEqual(here);
});
