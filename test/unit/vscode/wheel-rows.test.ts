import { describe, expect, test } from 'vitest';
import type { WheelContents, WheelEntry, WheelsDocument, WheelVerdict } from '../../../src/core/wheels/wheel-documents.js';
import { newState } from '../../../src/vscode/project-state.js';
import {
  dependenciesRow,
  partsOf,
  projectRow,
  splitMarker,
  staleOf,
  wheelId,
  type WheelKnowledge,
  type WheelPart,
  wheelRow,
  warningWords,
} from '../../../src/vscode/views/wheel-rows.js';
import { STATUS } from './events.js';

const NOW = Date.UTC(2026, 0, 1);
const ROOT = '/home/me/polls';
const FOLDER = `${ROOT}/target/pypackage/polls`;

const POLLS: WheelEntry = {
  name: 'polls',
  version: '1.4.0',
  file: 'polls-1.4.0-py3-none-any.whl',
  path: `${FOLDER}/abc/polls-1.4.0-py3-none-any.whl`,
  role: 'application',
  tags: ['py3-none-any'],
  size: 96_000,
  modified: NOW - 300_000,
  sha256: 'a'.repeat(64),
  warnings: [],
};
const DJANGO: WheelEntry = { ...POLLS, name: 'django', version: '5.2.1', role: 'dependency', size: 8_000_000 };
const STRAY: WheelEntry = { ...POLLS, name: 'stray', role: 'none', path: `${FOLDER}/stray.whl`, warnings: [{ kind: 'unlisted' }] };
const DOCUMENT: WheelsDocument = {
  project: { root: ROOT, name: 'polls' },
  target: 'polls',
  folder: FOLDER,
  python: '3.13',
  lock: 'uv.lock',
  wheels: [POLLS, DJANGO, { ...DJANGO, name: 'asgiref' }],
};
const NOTHING: WheelKnowledge = { stale: undefined, verdict: undefined };
const verdict = (more: Partial<WheelVerdict> = {}): WheelKnowledge => ({
  stale: undefined,
  verdict: { path: POLLS.path, state: 'as locked', files: [], ...more },
});
const said = (entry: WheelEntry, known: WheelKnowledge = NOTHING): string => {
  const { icon, label, description } = wheelRow('id', entry, known, NOW);
  return `${icon} ${label}: ${description}`;
};

describe('the row of a wheel', () => {
  test('says name, version, tags, size and age', () => {
    expect(wheelRow('id', POLLS, NOTHING, NOW)).toEqual({
      id: 'id',
      label: 'polls 1.4.0',
      description: 'py3-none-any · 96 KB · 5 min ago',
      icon: 'package',
      context: 'wheel application there',
    });
    expect(said(DJANGO)).toBe('file-zip django 5.2.1: py3-none-any · 8.0 MB · 5 min ago');
  });

  test('says what is wrong first, and by its icon', () => {
    expect(said(STRAY)).toBe('warning stray 1.4.0: not in the lock · py3-none-any · 96 KB · 5 min ago');
    const { modified: _, ...missing } = POLLS;
    expect(wheelRow('id', { ...missing, warnings: [{ kind: 'missing' }] }, NOTHING, NOW)).toMatchObject({
      description: 'missing; the next build exports it again · py3-none-any · 96 KB',
      context: 'wheel application missing',
    });
    // Dependencies are not made of the sources.
    expect(said(POLLS, { ...NOTHING, stale: 'polls/views.py changed' })).toMatch(/^warning polls 1\.4\.0: stale: polls\/views\.py changed · /);
    expect(said(DJANGO, { ...NOTHING, stale: 'polls/views.py changed' })).toMatch(/^file-zip /);
  });

  test('says what came of verifying it', () => {
    expect(said(POLLS, verdict())).toBe('verified polls 1.4.0: as locked · py3-none-any · 96 KB · 5 min ago');
    const other = { ...POLLS, warnings: [{ kind: 'other-size', locked: 1234 } as const] };
    expect(said(other)).toMatch(/^warning polls 1\.4\.0: not as locked: the lock says 1234 bytes · /);
    expect(said(other, verdict({ state: 'other', files: [{ path: 'a.py', kind: 'different' }] }))).toMatch(
      /^error polls 1\.4\.0: not as locked: another hash · 1 file in it is not as its RECORD says · py3/,
    );
    expect(said(POLLS, verdict({ files: [1, 2].map((i) => ({ path: `${i}.py`, kind: 'missing' as const })) }))).toMatch(
      /^error .*: 2 files in it are not as its RECORD says · py3/,
    );
    expect(said(POLLS, verdict({ state: 'damaged', problem: 'no zip archive' }))).toMatch(/^error .*: no zip archive · /);
  });

  test('has words for each warning', () => {
    expect(
      (
        [
          { kind: 'not-in-lock', lock: 'uv.lock' },
          { kind: 'other-version', lock: 'uv.lock', version: '5.2.2' },
          { kind: 'other-hash', lock: 'uv.lock' },
          { kind: 'python', python: '3.13' },
          { kind: 'platform', misfit: { of: 'libc', wheel: 'musl', base: '2.36' } },
          { kind: 'platform', misfit: { of: 'glibc', wheel: '2.39', base: '2.36' } },
          { kind: 'platform', misfit: { of: 'machine', wheel: 'aarch64', base: 'x86_64' } },
          { kind: 'platform', misfit: { of: 'system', wheel: 'win_amd64', base: 'linux' } },
        ] as const
      ).map(warningWords),
    ).toEqual([
      'not in uv.lock',
      'uv.lock has 5.2.2',
      'not the file of uv.lock',
      'not for Python 3.13',
      'for musl; the base image has glibc 2.36',
      'needs glibc 2.39; the base image has 2.36',
      'for aarch64; the base image is for x86_64',
      'for win_amd64; the base image is for linux',
    ]);
  });

  test('is the same row when another build takes its place', () => {
    const rebuilt = { ...POLLS, version: '1.5.0', path: `${FOLDER}/def/polls-1.5.0-py3-none-any.whl`, warnings: [{ kind: 'missing' } as const] };
    expect(wheelId(ROOT, FOLDER, rebuilt)).toBe(wheelId(ROOT, FOLDER, POLLS));
    expect(wheelId(ROOT, FOLDER, { ...STRAY, path: `${FOLDER}/other/stray.whl` })).not.toBe(wheelId(ROOT, FOLDER, STRAY));
  });
});

describe('rows above wheels', () => {
  test('the dependencies: how many, their size, their lock, and how many have a warning', () => {
    expect(dependenciesRow(ROOT, DOCUMENT, 0)).toMatchObject({ label: '2 dependencies', description: '16 MB · uv.lock', icon: 'library' });
    expect(dependenciesRow(ROOT, DOCUMENT, 2)).toMatchObject({ description: '2 warnings · 16 MB · uv.lock', icon: 'warning' });
    const { lock: _, ...unlocked } = DOCUMENT;
    expect(dependenciesRow(ROOT, { ...unlocked, wheels: [POLLS, DJANGO] }, 1)).toMatchObject({
      label: '1 dependency',
      description: '1 warning · 8.0 MB · without a lock',
    });
    const lockProblem = { kind: 'project', code: 'lock-stale', message: 'uv.lock is stale: django is not in it' } as const;
    expect(dependenciesRow(ROOT, { ...DOCUMENT, lockProblem }, 0)).toMatchObject({
      description: '16 MB · uv.lock is stale: django is not in it',
      icon: 'warning',
    });
  });

  test('a project, where there are several', () => {
    expect(projectRow({ root: ROOT, name: 'polls' }, DOCUMENT, 'services/polls')).toMatchObject({
      description: '16 MB · Python 3.13 · services/polls',
      context: 'wheelProject built',
    });
    expect(projectRow({ root: ROOT, name: 'polls' }, undefined, '')).toMatchObject({ description: 'nothing built yet', context: 'wheelProject empty' });
  });
});

test('the application is stale when the engine said so, or when a file was saved since', () => {
  const state = newState(ROOT, 'polls');
  const stages = [{ stage: 'wheels', state: 'stale', reason: 'polls/views.py changed' }] as const;
  const asked = { ...state, known: { kind: 'status', document: { ...STATUS, stages }, at: NOW } } as const;
  expect(staleOf(asked)).toBe('polls/views.py changed');
  const fresh = { ...asked, known: { ...asked.known, document: { ...STATUS, stages: [] } } };
  expect(staleOf(fresh)).toBeUndefined();
  expect(staleOf({ ...fresh, savedSince: 'polls/models.py' })).toBe('polls/models.py was saved since');
  // Nobody knows what the wheel was made of.
  expect(staleOf({ ...state, savedSince: 'polls/models.py' })).toBeUndefined();
});

describe('what a wheel is expanded to', () => {
  const contents: WheelContents = {
    file: POLLS.file,
    name: 'polls',
    version: '1.4.0',
    tags: POLLS.tags,
    size: 10,
    modified: NOW,
    summary: 'Questions\nand answers',
    requires: ['Django~=5.2.0', 'pytest>=8; extra == "test"', 'x @ https://example.org/a;b.zip ; python_version < "3.12"'],
    extras: ['test'],
    headers: [],
    entryPoints: [
      { group: 'console_scripts', name: 'polls', value: 'polls.cli:main' },
      { group: 'pytest11', name: 'polls', value: 'polls.plugin' },
    ],
    files: [
      { path: 'polls/views.py', size: 1000 },
      { path: 'polls/api/a.py', size: 500 },
      { path: 'polls/__init__.py', size: 0 },
      { path: 'polls/api/a.py', size: 500 },
    ],
    moreFiles: 2,
    unrecorded: [],
    missing: [],
  };
  const lines = (parts: readonly WheelPart[], depth = 0): readonly string[] =>
    parts.flatMap(({ label, description, icon, parts }) => [
      `${'  '.repeat(depth)}${icon} ${label}${description === '' ? '' : `: ${description}`}`,
      ...lines(parts, depth + 1),
    ]);

  test('is its summary, what it requires, its entry points, and its files by folders', () => {
    expect(lines(partsOf('id', contents))).toEqual([
      'info Questions and answers',
      'references Requires: 3',
      '  symbol-reference Django~=5.2.0',
      '  symbol-reference pytest>=8: extra == "test"',
      '  symbol-reference x @ https://example.org/a;b.zip: python_version < "3.12"',
      'plug Entry points: 2',
      '  terminal polls: polls.cli:main · console_scripts',
      '  plug polls: polls.plugin · pytest11',
      'list-tree Files: 6 · 2 KB',
      '  folder polls: 2 KB',
      '    folder api: 1 KB',
      '      file a.py: 500 B',
      '      file a.py: 500 B',
      '    file __init__.py: 0 B',
      '    file views.py: 1 KB',
      '  ellipsis 2 more files',
    ]);
  });

  test('has an id for each row, also where names are there twice', () => {
    const ids = (parts: readonly WheelPart[]): readonly string[] => parts.flatMap(({ id, parts }) => [id, ...ids(parts)]);
    const all = ids(partsOf('id', contents));
    expect(new Set(all).size).toBe(all.length);
  });

  test('says nothing of what is not there', () => {
    const { summary: _, ...rest } = contents;
    const bare: WheelContents = { ...rest, requires: [], entryPoints: [], files: [], moreFiles: 0 };
    expect(lines(partsOf('id', bare))).toEqual(['references Requires: nothing', 'list-tree Files: 0 · 0 B']);
  });

  test('a marker begins with the semicolon that belongs to no address', () => {
    expect(splitMarker('a>=1;python_version>"3"')).toEqual(['a>=1', 'python_version>"3"']);
    expect(splitMarker('a @ https://x/;y')).toEqual(['a @ https://x/;y', undefined]);
  });
});
