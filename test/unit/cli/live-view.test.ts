import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { styleOf } from '../../../src/terminal/style.js';
import { LiveView } from '../../../src/terminal/live-view.js';
import type { RunEvent } from '../../../src/core/pipeline/events.js';
import { CANCELLED, EDITED, eventsOf, FAILED, START } from './events.js';
import { Screen } from './screen.js';

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

function viewOn(screen: Screen, options: { readonly verbose?: boolean; readonly colour?: boolean } = {}): LiveView {
  const style = styleOf(options.colour ?? false);
  return new LiveView(
    screen,
    screen,
    { out: style, err: style },
    {
      verbose: options.verbose ?? false,
      showPath: (path) => path.replace('/home/ann', '~'),
      next: (serves) => `pypackage ${serves ? 'start' : 'run'}`,
      now: Date.now,
    },
  );
}

function play(view: LiveView, events: readonly RunEvent[]): void {
  for (const event of events) {
    vi.advanceTimersByTime(Math.max(0, Date.parse(event.time) - Date.now()));
    void view.event(event);
  }
}

test('what is left when a run is done', () => {
  const screen = new Screen(100);
  play(viewOn(screen), EDITED);
  expect(screen.lines).toEqual([
    'polls 1.4.0 · Python 3.13 · 14 dependencies from uv.lock · engine Docker 28.5 (default socket)',
    '',
    '  base      up to date',
    '  builder   up to date',
    '  wheels    note: the tree is not committed',
    '  wheels    1 built, 14 kept       0.6 s   polls/views.py changed',
    '  release   built                  1.0 s   acme/polls-release:1.4.0 · 168 MB',
    '',
    'Done in 1.7 s. Start it with: pypackage start',
  ]);
  expect(screen.isCursorShown).toBe(true);
  expect(screen.resizeListeners).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('the running stage is one line with stage, clock and step', () => {
  const screen = new Screen(100);
  const view = viewOn(screen);
  play(view, EDITED.slice(0, 4));
  vi.advanceTimersByTime(60);
  expect(screen.lines.at(-1)).toBe('  wheels    0 s       polls/views.py changed');
  play(view, EDITED.slice(4, 6));
  vi.advanceTimersByTime(3_000);
  expect(screen.lines.at(-1)).toBe('  wheels    3 s       build polls');
  expect(screen.isCursorShown).toBe(false);
  play(view, eventsOf({ type: 'progress', stage: 'wheels', label: 'wheels', current: 3, total: 14, unit: 'items' }));
  view.cancelling();
  vi.advanceTimersByTime(60);
  expect(screen.lines.at(-1)).toBe('  wheels    3 s       cancelling (Ctrl+C again ends it at once) · wheels 3 of 14');
  expect(screen.lines).toHaveLength(5);
  view.close();
  view.close();
  expect(screen.isCursorShown).toBe(true);
  expect(screen.lines).toHaveLength(4);
});

test('an engine that takes its time is waited for in words', () => {
  const screen = new Screen(80);
  const view = viewOn(screen);
  expect(screen.lines).toEqual(['']);
  vi.advanceTimersByTime(2_000);
  expect(screen.lines).toEqual(['  looking at the project and the engine  2 s']);
  play(view, EDITED.slice(0, 1));
  vi.advanceTimersByTime(2_000);
  expect(screen.lines).toHaveLength(1);
  view.close();
});

test('a flood of lines is not a flood of drawings', () => {
  const screen = new Screen(80);
  const view = viewOn(screen);
  play(view, EDITED.slice(0, 4));
  vi.advanceTimersByTime(60);
  const before = screen.raw.length;
  const [log] = eventsOf({ type: 'log', stage: 'wheels', stream: 'stdout', text: 'x' });
  for (let count = 0; count < 10_000; count++) if (log !== undefined) void view.event(log);
  vi.advanceTimersByTime(60);
  expect(screen.raw.length - before).toBeLessThan(200);
  view.close();
});

test('the live line never fills the last column, with wide characters too', () => {
  for (const columns of [8, 20, 33, 34]) {
    const screen = new Screen(columns);
    const view = viewOn(screen);
    play(view, eventsOf({ type: 'stage.started', stage: 'wheels', reason: '漢字漢字漢字漢字漢字漢字 👍 naïve' }));
    vi.advanceTimersByTime(60);
    expect(screen.widest).toBeLessThan(columns);
    expect(screen.lines.at(-1)).toMatch(/…$/);
    view.close();
  }
});

test('a terminal that becomes narrower leaves nothing behind', () => {
  const screen = new Screen(80);
  const view = viewOn(screen);
  play(view, EDITED.slice(0, 1));
  play(view, eventsOf({ type: 'stage.started', stage: 'wheels', reason: 'a reason that is long enough to be broken into several rows' }));
  vi.advanceTimersByTime(60);
  screen.resize(30);
  vi.advanceTimersByTime(60);
  expect(screen.lines.filter((line) => line.includes('wheels'))).toEqual(['  wheels    0 s       a re…']);
  view.close();
  expect(screen.lines.join('')).not.toContain('wheels    0 s');
});

test('a failure shows the last twenty lines of the step that failed, then the error', () => {
  const screen = new Screen(100);
  play(viewOn(screen), FAILED);
  expect(screen.lines.slice(2)).toEqual([
    '  wheels    failed                  12 s',
    '',
    ...Array.from({ length: 20 }, (_, index) => `  | gcc line ${index + 6}`),
    '',
    'error: mysqlclient 2.2.7 does not compile: mysql.h is missing',
    '  where  wheels, mysqlclient',
    "  why    the builder image lacks Debian's default-libmysqlclient-dev",
    '  fix    pypackage fix add-package default-libmysqlclient-dev',
    '  log    ~/.local/state/pypackage/logs/20261123T120000-polls-7f3a.log',
  ]);
  expect(screen.isCursorShown).toBe(true);
});

test('--verbose shows the lines while they come, and not again', () => {
  const screen = new Screen(100);
  play(viewOn(screen, { verbose: true }), FAILED);
  expect(screen.lines.filter((line) => line === '  wheels    | gcc line 25')).toHaveLength(1);
  expect(screen.lines.filter((line) => line.includes('gcc line'))).toHaveLength(25);
});

test('a cancelled run says so once', () => {
  const screen = new Screen(100);
  play(viewOn(screen), CANCELLED);
  expect(screen.lines.slice(2)).toEqual(['', 'Cancelled after 3.1 s.']);
});
