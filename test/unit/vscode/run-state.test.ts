import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/core/pipeline/events.js';
import { reduceRun, runFraction, runTime, type RunState, startOfRun } from '../../../src/vscode/run-state.js';
import { eventsOf, FAILURE, RELEASE, RUN_STARTED } from './events.js';

function after(...bodies: readonly EventBody[]): RunState {
  return eventsOf(RUN_STARTED, ...bodies).reduce((state, event, index) => reduceRun(state, event, 1000 + index), startOfRun(1000));
}

describe('the state of a run', () => {
  test('begins with the stages that are looked at, in order', () => {
    const state = after();
    expect(state.phase).toBe('running');
    expect(state.stages.map(({ stage, state }) => `${stage} ${state}`)).toEqual(['base waiting', 'builder waiting', 'wheels waiting', 'release waiting']);
    expect(state.log).toBe('/home/me/logs/polls.log');
    expect(runFraction(state)).toBe(0);
  });

  test('knows the stage at work, since when, and its step', () => {
    const state = after(
      { type: 'stage.skipped', stage: 'base', reason: 'up to date' },
      { type: 'stage.started', stage: 'builder', reason: 'not built yet' },
      { type: 'step', stage: 'builder', id: '1', name: 'RUN apt-get', state: 'started' },
    );
    expect(state).toMatchObject({ stage: 'builder', stageStartedAt: 1002, step: 'RUN apt-get' });
    expect(runFraction(state)).toBe(0.25);
  });

  test('forgets the step when the next stage begins', () => {
    const state = after({ type: 'step', stage: 'base', id: '1', name: 'FROM x', state: 'started' }, { type: 'stage.started', stage: 'builder', reason: '' });
    expect(state.step).toBeUndefined();
  });

  test('tells progress in amounts', () => {
    const state = after({ type: 'progress', stage: 'base', label: 'pulling', current: 3_400_000, total: 12_000_000, unit: 'bytes' });
    expect(state.step).toBe('pulling 3.4 MB of 12 MB');
  });

  test('ends with the release and the time that the core measured', () => {
    const state = after(
      { type: 'stage.finished', stage: 'release', summary: 'built', detail: 'local/polls-release:1.4.0', ms: 1000 },
      { type: 'run.finished', outcome: 'done', changed: true, ms: 1700, release: RELEASE },
    );
    expect(state).toMatchObject({ phase: 'done', changed: true, release: RELEASE });
    expect(state.stages.at(-1)).toEqual({ stage: 'release', state: 'done', text: 'built · local/polls-release:1.4.0', ms: 1000 });
    expect(runTime(state)).toBe('1.7 s');
  });

  test('keeps the stage that failed and why', () => {
    const state = after(
      { type: 'stage.started', stage: 'wheels', reason: 'not built yet' },
      { type: 'stage.failed', stage: 'wheels', error: FAILURE, ms: 10 },
      { type: 'run.finished', outcome: 'failed', changed: false, ms: 20, error: FAILURE },
    );
    expect(state).toMatchObject({ phase: 'failed', stage: 'wheels', error: FAILURE });
  });
});
