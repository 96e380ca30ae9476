/** When an error comes, and when it goes. */
import { describe, expect, test } from 'vitest';
import type { ErrorReport } from '../../../src/core/errors.js';
import type { EventBody, RunEvent } from '../../../src/core/pipeline/events.js';
import { ProblemSet } from '../../../src/vscode/problem-set.js';

const error = (code: string, line = 1): ErrorReport => ({ kind: 'stage', code, message: code, where: { file: 'x.py', line } });
let seq = 0;
const event = (body: EventBody): RunEvent => ({ v: 1, run: 'r', seq: ++seq, time: '', target: 'polls', ...body });
const started = event({ type: 'run.started', project: { name: 'polls', root: '/polls' }, python: '3.13', engine: 'Docker', stages: ['wheels'], facts: [] });
const failed = (stage: 'wheels' | 'release', what: ErrorReport): RunEvent[] => [
  started,
  event({ type: 'stage.failed', stage, error: what, ms: 1 }),
  event({ type: 'run.finished', outcome: 'failed', changed: false, ms: 1, error: what }),
];

function codesAfter(set: ProblemSet, events: readonly RunEvent[], verb: 'all' | 'lock' = 'all'): string[] {
  for (const one of events) set.take(one, verb);
  return set.all.map(({ code }) => code);
}

describe('an error of a stage', () => {
  test('is there once, however often it is met', () => {
    const set = new ProblemSet();
    expect(codesAfter(set, failed('wheels', error('compile-failed')))).toEqual(['compile-failed']);
    expect(codesAfter(set, failed('wheels', error('compile-failed', 7)))).toEqual(['compile-failed']);
    expect(set.all[0]?.where?.line).toBe(7);
  });

  test('stays while the next run is on its way there, and goes when that has passed it', () => {
    const set = new ProblemSet();
    codesAfter(set, failed('wheels', error('compile-failed')));
    expect(
      codesAfter(set, [
        started,
        event({ type: 'stage.skipped', stage: 'builder', reason: 'up to date' }),
        event({ type: 'stage.started', stage: 'wheels', reason: '' }),
      ]),
    ).toEqual(['compile-failed']);
    expect(codesAfter(set, [event({ type: 'run.finished', outcome: 'cancelled', changed: false, ms: 1 })])).toEqual(['compile-failed']);
    expect(codesAfter(set, [event({ type: 'stage.finished', stage: 'wheels', summary: 'built', detail: '', ms: 1 })])).toEqual([]);
  });

  test('and another stage go apart', () => {
    const set = new ProblemSet();
    codesAfter(set, failed('release', error('settings')));
    expect(codesAfter(set, failed('wheels', error('compile-failed')))).toEqual(['settings', 'compile-failed']);
    expect(codesAfter(set, [event({ type: 'stage.skipped', stage: 'wheels', reason: '' })])).toEqual(['settings']);
  });

  test('of compiling is not passed by locking', () => {
    const set = new ProblemSet();
    codesAfter(set, failed('wheels', error('compile-failed')));
    expect(codesAfter(set, [started, event({ type: 'stage.finished', stage: 'wheels', summary: '', detail: '', ms: 1 })], 'lock')).toEqual(['compile-failed']);
    codesAfter(set, failed('wheels', error('lock-stale')));
    expect(codesAfter(set, [event({ type: 'stage.finished', stage: 'wheels', summary: '', detail: '', ms: 1 })], 'lock')).toEqual([]);
  });
});

test('an error of the project goes when a run has begun', () => {
  const set = new ProblemSet();
  const invalid = event({ type: 'run.finished', outcome: 'failed', changed: false, ms: 1, error: error('pyproject-invalid') });
  expect(codesAfter(set, [invalid, invalid])).toEqual(['pyproject-invalid']);
  expect(codesAfter(set, [started])).toEqual([]);
});
