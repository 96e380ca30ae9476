import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/core/pipeline/events.js';
import type { StatusDocument } from '../../../src/core/request.js';
import type { Knowledge, ProjectState } from '../../../src/vscode/project-state.js';
import { reduceRun, type RunState, startOfRun } from '../../../src/vscode/run-state.js';
import { escapeMarkdown, statusView } from '../../../src/vscode/status-text.js';
import { eventsOf, FAILURE, RELEASE, RUN_STARTED } from './events.js';

const NOW = 1_000_000;

function project(known: Knowledge, more: Partial<ProjectState> = {}): ProjectState {
  return { root: '/home/me/polls', name: 'polls', known, savedSince: undefined, url: undefined, log: undefined, elsewhere: undefined, ...more };
}

function run(...bodies: readonly EventBody[]): RunState {
  return eventsOf(RUN_STARTED, ...bodies).reduce((state, event) => reduceRun(state, event, NOW), startOfRun(NOW));
}

const DOCUMENT: StatusDocument = {
  v: 1,
  project: { name: 'polls', version: '1.4.0', root: '/home/me/polls', id: 'polls-12345678' },
  target: 'polls',
  python: { version: '3.13', reason: 'default' },
  baseImage: { reference: 'python:3.13', source: 'detected' },
  engine: { product: 'Docker', version: '28.5', url: 'unix:///var/run/docker.sock', source: 'default socket' },
  stages: [
    { stage: 'base', state: 'up to date', reason: '' },
    { stage: 'wheels', state: 'stale', reason: 'polls/views.py changed' },
    { stage: 'release', state: 'never run', reason: 'never run' },
  ],
  services: [],
};

describe('the button', () => {
  test('before anybody asked', () => {
    const view = statusView(project({ kind: 'nothing' }), true, NOW);
    expect(view).toMatchObject({ text: '$(package) polls', command: 'pypackage.build' });
    expect(view.tooltip).toContain('Not asked yet');
  });

  test('in a folder that is not trusted, whatever is known', () => {
    const view = statusView(project({ kind: 'status', document: DOCUMENT, at: NOW }), false, NOW);
    expect(view).toMatchObject({ text: '$(shield) polls', command: 'workbench.trust.manage' });
    expect(view.tooltip).toContain('Nothing runs');
  });

  test('with what the engine said', () => {
    const view = statusView(project({ kind: 'status', document: DOCUMENT, at: NOW - 60_000 }, { savedSince: 'polls/urls.py' }), true, NOW);
    expect(view.text).toBe('$(package) polls: 2 stale');
    expect(view.tooltip).toContain('wheels: stale, polls/views.py changed');
    // A reason that only repeats the state is not told twice.
    expect(view.tooltip).toMatch(/release: never run$/m);
    expect(view.tooltip).toContain('Asked 1 min ago; polls/urls.py was saved since');
    expect(view.accessibleLabel).toBe('PyPackage: polls, 2 stale');
  });

  test('when everything is up to date', () => {
    const document: StatusDocument = { ...DOCUMENT, stages: [{ stage: 'base', state: 'up to date', reason: '' }] };
    expect(statusView(project({ kind: 'status', document, at: NOW }), true, NOW).text).toBe('$(package) polls');
  });

  test('while it runs: stage and its time, and a click offers what can be done', () => {
    const state = run({ type: 'stage.started', stage: 'wheels', reason: 'polls/views.py changed' });
    expect(statusView(project({ kind: 'run', run: state }), true, NOW + 12_400)).toMatchObject({
      text: '$(sync~spin) polls: wheels 12 s',
      command: 'pypackage.showRunActions',
    });
  });

  test('after a failure: the stage, the message and the next step in the words of the editor', () => {
    const state = run(
      { type: 'stage.failed', stage: 'wheels', error: FAILURE, ms: 1 },
      { type: 'run.finished', outcome: 'failed', changed: false, ms: 1, error: FAILURE },
    );
    const view = statusView(project({ kind: 'run', run: state }), true, NOW);
    expect(view.text).toBe('$(error) polls: wheels failed');
    expect(view.tooltip).toContain('mysql.h is missing');
    expect(view.tooltip).toContain('Next step: PyPackage: Run Doctor tells more');
  });

  test('after a failure outside the stages', () => {
    const state = run({ type: 'run.finished', outcome: 'failed', changed: false, ms: 1, error: FAILURE });
    expect(statusView(project({ kind: 'run', run: state }), true, NOW).text).toBe('$(error) polls: failed');
  });

  test('after success: when, how long, and where it runs', () => {
    const state = run({ type: 'run.finished', outcome: 'done', changed: false, ms: 1700, release: RELEASE });
    const { text, tooltip } = statusView(project({ kind: 'run', run: state }, { url: 'http://127.0.0.1:8000' }), true, NOW + 300_000);
    expect(text).toBe('$(package) polls');
    expect(tooltip).toContain('Done 5 min ago, in 1.7 s');
    expect(tooltip).toContain('168 MB');
    expect(tooltip).toContain('(command:pypackage.openInBrowser)');
  });
});

test('names from a repository cannot become links, pictures or icons in the tooltip', () => {
  expect(escapeMarkdown('[x](command:evil) $(error) ![](http://e)')).toBe(String.raw`\[x\]\(command:evil\) \$\(error\) \!\[\]\(http://e\)`);
});
