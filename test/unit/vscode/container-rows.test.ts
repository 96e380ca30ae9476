import { describe, expect, test } from 'vitest';
import type { ContainerRow } from '../../../src/core/objects/object-rows.js';
import { removalWords } from '../../../src/vscode/commands/container-removal-words.js';
import { containerTreeRow, environmentRow, groupsOf, roleOf, titleOf, upWords } from '../../../src/vscode/views/container-rows.js';
import { containerTooltip } from '../../../src/vscode/views/container-tooltip.js';

const NOW = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;

function container(overrides: Partial<ContainerRow> = {}): ContainerRow {
  return {
    id: 'a'.repeat(64),
    name: 'pypackage-polls-1a2b3c4d-polls-web',
    image: 'sha256:0123456789ab',
    imageId: 'sha256:0123456789ab',
    kind: 'service',
    project: 'polls-1a2b3c4d',
    target: 'polls',
    state: 'running',
    health: 'healthy',
    created: NOW - 10 * MINUTE,
    upSince: NOW - 5 * MINUTE,
    ports: [{ container: 8000, host: 8000, address: '127.0.0.1' }],
    ...overrides,
  };
}

function ended(overrides: Partial<ContainerRow> = {}): ContainerRow {
  const { upSince: _, ...others } = container({ state: 'exited', health: 'none', ports: [], ...overrides });
  return others;
}

function says(row: ContainerRow, surroundings: { readonly isAway?: boolean; readonly image?: string } = {}): string {
  const { icon, colour, label, description } = containerTreeRow(row, { now: NOW, isAway: false, image: undefined, ...surroundings });
  return `${icon}${colour === undefined ? '' : ` (${colour})`} ${label}: ${description}`;
}

describe('a container says', () => {
  test.each<readonly [string, ContainerRow, string]>([
    ['that it is well, where, and for how long', container(), 'pass-filled (testing.iconPassed) web: healthy · :8000 · up 5 min'],
    ['that nobody checks its health', container({ health: 'none' }), 'pass-filled (testing.iconPassed) web: running · :8000 · up 5 min'],
    [
      'that it begins',
      container({ health: 'starting', upSince: NOW - 9_000 }),
      'sync~spin (progressBar.background) web: not healthy yet · :8000 · just started',
    ],
    ['that it is not well', container({ health: 'unhealthy' }), 'error (testing.iconFailed) web: unhealthy · :8000 · up 5 min'],
    ['that it was stopped', ended({ exitCode: 0 }), 'debug-stop web: stopped'],
    ['that it had to be killed', ended({ exitCode: 137 }), 'debug-stop web: stopped · exit code 137'],
    ['that it ended by itself', ended({ exitCode: 3 }), 'error (testing.iconFailed) web: ended · exit code 3'],
    ['that it never ran', ended({ state: 'created' }), 'circle-outline web: never started'],
    ['that it waits', container({ state: 'paused', health: 'none' }), 'debug-pause (list.warningForeground) web: paused · :8000 · up 5 min'],
    ['that it cannot stay up', ended({ state: 'restarting' }), 'sync~spin (list.warningForeground) web: restarting'],
    ['that it goes', ended({ state: 'removing' }), 'trash web: is being removed'],
  ])('%s', (_, row, expected) => {
    expect(says(row)).toBe(expected);
  });

  test('each port once, though it is there for both families of addresses', () => {
    const ports = [
      { container: 8000, host: 8001, address: '0.0.0.0' },
      { container: 8000, host: 8001, address: '::' },
      { container: 9000, host: 9000, address: '0.0.0.0' },
    ];
    expect(says(container({ ports }))).toContain('healthy · :8001 · :9000 · up');
  });

  test('of a job its name, and what it is made of', () => {
    const job = container({ kind: 'job', name: 'quiet_turing', health: 'none', ports: [] });
    expect(says(job, { image: 'acme/polls-builder:3f2a' })).toContain(' quiet_turing: running · acme/polls-builder:3f2a · up 5 min');
  });

  test('what was seen last while the engine is away, and no colour', () => {
    expect(says(container(), { isAway: true })).toBe('question web: last seen healthy · :8000');
  });

  test('nothing in its id that changes with its state', () => {
    const ids = [container(), container({ health: 'unhealthy' }), ended()].map(
      (row) => containerTreeRow(row, { now: NOW, isAway: false, image: undefined }).id,
    );
    expect(new Set(ids).size).toBe(1);
  });

  test('to menus what can be done with it', () => {
    const context = (row: ContainerRow): string => containerTreeRow(row, { now: NOW, isAway: false, image: undefined }).context;
    expect(context(container())).toBe('container up running port');
    expect(context(container({ state: 'paused', ports: [] }))).toBe('container up');
    expect(context(ended())).toBe('container down');
  });
});

test.each([
  [-5_000, 'just started'],
  [59_999, 'just started'],
  [MINUTE, 'up 1 min'],
  [59.9 * MINUTE, 'up 59 min'],
  [60 * MINUTE, 'up 1 h'],
  [47.9 * 60 * MINUTE, 'up 47 h'],
  [50 * 60 * MINUTE, 'up 2 days'],
])('%d ms: %s', (ms, words) => {
  expect(upWords(ms)).toBe(words);
});

describe('groups', () => {
  const POLLS = { projectId: 'polls-1a2b3c4d', target: 'polls', namespace: 'local', root: '/home/me/polls' };
  const GREET = { projectId: 'greet-9f8e7d6c', target: 'greet', namespace: 'local', root: '/home/me/greet' };

  test('by project and what they are for, the newest first; no lease, nobody else', () => {
    const rows = [
      container({ id: 'old', created: NOW - 2 * MINUTE }),
      container({ id: 'new', created: NOW - MINUTE }),
      container({ id: 'job', kind: 'job' }),
      container({ id: 'lease', kind: 'lease' }),
      container({ id: 'other target', target: 'worker' }),
      container({ id: 'other copy', project: 'polls-00000000' }),
      container({ id: 'greet', project: 'greet-9f8e7d6c', target: 'greet' }),
    ];
    expect(groupsOf(rows, [GREET, POLLS])).toEqual([
      { project: GREET.root, environment: 'release', containers: ['greet'] },
      { project: POLLS.root, environment: 'release', containers: ['new', 'old'] },
      { project: POLLS.root, environment: 'jobs', containers: ['job'] },
    ]);
    expect(groupsOf(rows.toReversed(), [GREET, POLLS])).toEqual(groupsOf(rows, [GREET, POLLS]));
    expect(groupsOf(rows, [])).toEqual([]);
  });

  test('say in few words how it is with all in them', () => {
    const group = { project: POLLS.root, environment: 'release', containers: [] } as const;
    const said = (...rows: readonly ContainerRow[]): string => environmentRow(group, rows, false).description;
    expect(said(container(), container())).toBe('running');
    expect(said(container(), ended())).toBe('partly running');
    expect(said(ended(), ended())).toBe('stopped');
    expect(said(container({ health: 'unhealthy' }), ended())).toBe('unhealthy');
    expect(environmentRow(group, [container()], true).description).toBe('as last seen');
    expect(environmentRow({ ...group, environment: 'jobs' }, [container()], false)).toMatchObject({ label: 'jobs at work', description: '', icon: 'tools' });
  });
});

test('people call it by its role, or by its name where it has none', () => {
  expect([roleOf(container()), titleOf(container())]).toEqual(['web', 'polls web']);
  const job = container({ kind: 'job', name: 'quiet_turing' });
  expect([roleOf(job), titleOf(job)]).toEqual(['quiet_turing', 'quiet_turing']);
});

test('its tooltip tells what the row has no room for', () => {
  const text = containerTooltip(container(), 'acme/polls-release:1.4.0', NOW);
  expect(text).toContain('**polls web** · healthy · :8000 · up 5 min');
  for (const part of [
    'Container `pypackage-polls-1a2b3c4d-polls-web aaaaaaaaaaaa`',
    'Image `acme/polls-release:1.4.0`',
    'Created 10 min ago',
    'Port 8000 at `127.0.0.1:8000`',
  ])
    expect(text).toContain(part);
  expect(containerTooltip(ended(), undefined, NOW)).toContain('Image `0123456789ab`');
});

describe('before containers are removed', () => {
  test('one that has ended is named, with what goes', () => {
    const { message, detail, ended: without } = removalWords([{ ...ended(), size: 300_000 }]);
    expect(message).toBe('Remove polls web?');
    expect(detail).toBe('polls web (pypackage-polls-1a2b3c4d-polls-web)\n\nThat frees 300 KB. Images stay, and so does what is in volumes with a name.');
    expect(without).toHaveLength(1);
  });

  test('those that run are told apart, and more than ten are counted', () => {
    const jobs = Array.from({ length: 12 }, (_, at) => ({ ...ended({ id: `${at}`, kind: 'job', name: `job-${at}` }), size: 1000 }));
    const { message, detail, ended: without } = removalWords([container(), ...jobs]);
    expect(message).toBe('Remove 13 containers?');
    expect(detail.split('\n')).toEqual([
      'polls web (pypackage-polls-1a2b3c4d-polls-web): it runs',
      ...Array.from({ length: 9 }, (_, at) => `job-${at}`),
      'and 3 more',
      '',
      'That frees 12 KB. Images stay, and so does what is in volumes with a name.',
      'What runs is ended at once.',
    ]);
    expect(without).toHaveLength(12);
  });
});
