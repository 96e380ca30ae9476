import { describe, expect, test } from 'vitest';
import type { ListedEngine } from '../../../src/core/engine/listing.js';
import { automaticRow, engineGroups } from '../../../src/vscode/engine-rows.js';

function engine(more: Partial<ListedEngine>): ListedEngine {
  return { url: 'unix:///x', source: 'default socket', value: 'unix:///x', state: 'answers', answer: 'Docker 28.5', chosen: false, ...more };
}

const WHY = 'DOCKER_HOST is set';

describe('the list of engines', () => {
  test('groups what answers, what cannot be used and what is not there; the chosen one says why', () => {
    const listing = {
      why: WHY,
      engines: [
        engine({ source: 'DOCKER_HOST', chosen: true }),
        engine({ url: 'ssh://me@far', source: 'context "far"', state: 'trouble', answer: 'no answer', fix: 'Check the network, or name another: --engine' }),
        engine({ url: 'unix:///absent', source: 'Colima', state: 'absent', answer: 'no such socket', fix: 'Start it' }),
      ],
    };
    const shown = engineGroups(listing).map(({ title, rows }) => [
      title,
      ...rows.map(({ icon, label, description, detail }) => [icon, label, description, detail]),
    ]);
    expect(shown).toEqual([
      ['answer', ['pass-filled', 'Docker 28.5', 'unix:///x', `DOCKER_HOST · in use: ${WHY}`]],
      ['cannot be used', ['warning', 'no answer', 'ssh://me@far', 'context "far" · Check the network, or name another: the setting pypackage.engine']],
      ['nothing is there', ['circle-slash', 'no such socket', 'unix:///absent', 'Colima']],
    ]);
  });

  test('a chosen one that does not answer says that it is in use, too', () => {
    const [group] = engineGroups({ why: WHY, engines: [engine({ state: 'trouble', answer: 'not running', chosen: true, fix: 'Start it' })] });
    expect(group?.rows[0]).toMatchObject({ icon: 'warning', label: 'not running', detail: `default socket · in use: ${WHY} · Start it` });
  });
});

describe('the automatic choice', () => {
  test('is marked while nothing is set, and says what it is now as soon as that is known', () => {
    expect(automaticRow({ engines: [], why: '' }, true)).toMatchObject({
      label: 'Automatic',
      description: 'current: as the docker command finds it',
      detail: expect.not.stringContaining('now'),
    });
    expect(automaticRow({ engines: [engine({ chosen: true })], why: WHY }, true).detail).toContain('now Docker 28.5 at unix:///x');
    expect(automaticRow({ engines: [engine({})], why: 'No container engine is running' }, true).detail).toContain('now none: No container engine is running');
    expect(automaticRow({ engines: [engine({ chosen: true })], why: WHY }, false)).toMatchObject({
      label: 'Automatic',
      description: 'as the docker command finds it',
      detail: expect.not.stringContaining('now'),
    });
  });
});
