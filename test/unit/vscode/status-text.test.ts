import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/core/pipeline/events.js';
import type { StatusDocument } from '../../../src/core/request.js';
import { type Knowledge, type ProjectState, type RunElsewhere, newState } from '../../../src/vscode/project-state.js';
import { reduceRun, type RunState, startOfRun } from '../../../src/vscode/run-state.js';
import { escapeMarkdown, statusView, targetView } from '../../../src/vscode/status-text.js';
import { eventsOf, FAILURE, RELEASE, RUN_STARTED, STATUS } from './events.js';

const NOW = 1_000_000;

function project(known: Knowledge, more: Partial<ProjectState> = {}): ProjectState {
  return { ...newState('/home/me/polls', 'polls'), known, ...more };
}

function run(...bodies: readonly EventBody[]): RunState {
  return eventsOf(RUN_STARTED, ...bodies).reduce((state, event) => reduceRun(state, event, NOW), startOfRun(NOW));
}

describe('the button', () => {
  test('before anybody asked', () => {
    const view = statusView(project({ kind: 'nothing' }), true, NOW);
    expect(view).toMatchObject({ text: '$(package) polls', command: 'pypackage.build' });
    expect(view.tooltip).toContain('Not asked yet');
  });

  test('in a folder that is not trusted, whatever is known', () => {
    const view = statusView(project({ kind: 'status', document: STATUS, at: NOW }), false, NOW);
    expect(view).toMatchObject({ text: '$(shield) polls', command: 'workbench.trust.manage' });
    expect(view.tooltip).toContain('Nothing runs');
  });

  test('with what the engine said', () => {
    const view = statusView(project({ kind: 'status', document: STATUS, at: NOW - 60_000 }, { savedSince: 'polls/urls.py' }), true, NOW);
    expect(view.text).toBe('$(package) polls: 2 stale');
    expect(view.tooltip).toContain('wheels: stale, polls/views.py changed');
    // A reason that only repeats the state is not told twice.
    expect(view.tooltip).toMatch(/release: never run$/m);
    expect(view.tooltip).toContain('Asked 1 min ago; polls/urls.py was saved since');
    expect(view.accessibleLabel).toBe('PyPackage: polls, 2 stale');
  });

  test('when everything is up to date', () => {
    const document: StatusDocument = { ...STATUS, stages: [{ stage: 'base', state: 'up to date', reason: '' }] };
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

  test('after a failure the tooltip offers what helps', () => {
    const error = { ...FAILURE, remedy: { kind: 'system-packages', use: 'build', packages: ['libpq-dev'] } } as const;
    const state = run({ type: 'run.finished', outcome: 'failed', changed: false, ms: 1, error });
    const { tooltip } = statusView(project({ kind: 'run', run: state }), true, NOW);
    expect(tooltip).toContain('[Add what is missing](command:pypackage.fix?');
  });

  test('after the engine was asked the last run is still told', () => {
    const lastRun = run({ type: 'run.finished', outcome: 'failed', changed: false, ms: 1, error: FAILURE });
    const { tooltip } = statusView(project({ kind: 'status', document: STATUS, at: NOW, lastRun }), true, NOW + 60_000);
    expect(tooltip).toContain('Failed 1 min ago: mysqlclient');
    expect(tooltip).toContain('Asked 1 min ago');
    expect(tooltip).toContain('Engine: Docker 28.5');
  });

  test('while it runs elsewhere: where, and a click offers its log', () => {
    const elsewhere: RunElsewhere = { run: 'r', where: 'another window', startedAt: NOW - 5000, stage: 'wheels', log: '/logs/r.log' };
    const state = project({ kind: 'status', document: STATUS, at: NOW }, { elsewhere });
    const view = statusView(state, true, NOW);
    expect(view).toMatchObject({
      text: '$(sync~spin) polls: running in another window',
      command: 'pypackage.showRunActions',
      accessibleLabel: 'PyPackage: polls: running in another window',
    });
    expect(view.tooltip).toContain('[Show log](command:pypackage.showLog?');
    // What runs here is nearer.
    const here = run({ type: 'stage.started', stage: 'wheels', reason: '' });
    expect(statusView(project({ kind: 'run', run: here }, { elsewhere }), true, NOW).text).toBe('$(sync~spin) polls: wheels 0 s');
  });

  test('the links of its tooltip mean its project, whatever the path is called', () => {
    const { tooltip } = statusView({ ...project({ kind: 'nothing' }), root: '/home/me/a (1)/polls' }, true, NOW);
    const argument = /\(command:pypackage\.checkStatus\?([^)]*)\)/.exec(tooltip)?.[1] ?? '';
    expect(JSON.parse(decodeURIComponent(argument))).toEqual(['/home/me/a (1)/polls']);
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
    expect(tooltip).toContain('(command:pypackage.openInBrowser?');
  });
});

describe('the item that picks the target', () => {
  test('follows the active editor', () => {
    const view = targetView(project({ kind: 'nothing' }), 'shop/polls', 3, false);
    expect(view).toMatchObject({ text: '$(eye) shop/polls', accessibleLabel: 'PyPackage target: polls in shop/polls, one of 3, follows the active editor' });
    expect(view.tooltip).toContain('Follows the active editor.');
  });

  test('does not repeat a name that is also its folder', () => {
    expect(targetView(project({ kind: 'nothing' }), 'polls', 3, false).text).toBe('$(eye) 3 targets');
  });

  test('or was chosen', () => {
    const view = targetView(project({ kind: 'nothing' }), 'shop/polls', 3, true);
    expect(view).toMatchObject({ text: '$(pinned) shop/polls', accessibleLabel: 'PyPackage target: polls in shop/polls, one of 3, chosen for this workspace' });
  });
});

test('names from a repository cannot become links, pictures or icons in the tooltip', () => {
  expect(escapeMarkdown('[x](command:evil) $(error) ![](http://e)')).toBe(String.raw`\[x\]\(command:evil\) \$\(error\) \!\[\]\(http://e\)`);
});
