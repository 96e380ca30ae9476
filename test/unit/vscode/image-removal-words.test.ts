import { describe, expect, test } from 'vitest';
import type { RemovalRow } from '../../../src/core/objects/remove-images.js';
import { removalDetail, removalTitle } from '../../../src/vscode/commands/image-removal-words.js';

const row = (fields: Partial<RemovalRow> = {}): RemovalRow => ({
  image: `sha256:${'1'.repeat(64)}`,
  names: ['acme/polls-release:1.4.0', 'acme/polls-release:latest'],
  isWhole: true,
  kind: 'release',
  project: 'polls-1a2b3c4d',
  usedBy: [],
  ...fields,
});

describe('the dialog before images are removed', () => {
  test('one: its name, all that goes, whose it is, what it frees', () => {
    const preview = { rows: [row()], freed: 24_000_000 };
    expect(removalTitle(preview)).toBe('Remove acme/polls-release:1.4.0?');
    expect(removalDetail(preview)).toBe('acme/polls-release:1.4.0, acme/polls-release:latest · release of polls-1a2b3c4d\n\nThat frees 24 MB.');
  });

  test('without a name, not ours', () => {
    const { kind: _, project: __, ...foreign } = row({ names: [] });
    expect(removalTitle({ rows: [foreign], freed: 0 })).toBe('Remove 111111111111?');
    expect(removalDetail({ rows: [foreign], freed: 0 })).toBe('111111111111 · not of PyPackage\n\nThat frees nothing.');
  });

  test('a name only, while others keep the image', () => {
    const preview = { rows: [row({ names: ['acme/polls-base:1'], isWhole: false, kind: 'base' })], freed: 0 };
    expect(removalTitle(preview)).toBe('Remove the name acme/polls-base:1?');
    expect(removalDetail(preview)).toContain('other projects keep it');
  });

  test('many: the first of them, and how many more', () => {
    const preview = { rows: Array.from({ length: 500 }, () => row()), freed: undefined };
    expect(removalTitle(preview)).toBe('Remove 500 images?');
    const lines = removalDetail(preview).split('\n');
    expect(lines).toHaveLength(15);
    expect(lines.slice(-3)).toEqual(['… and 488 more', '', 'How much that frees, the engine does not say.']);
  });

  test('what uses them, and that what runs keeps its image', () => {
    const usedBy = [
      { name: 'web', isRunning: true },
      { name: 'old', isRunning: false },
    ];
    const text = removalDetail({ rows: [row({ usedBy })], freed: 0 });
    expect(text).toContain('used by web, old');
    expect(text).toMatch(/What runs keeps its image: stop it first \(web\)\.$/);
  });
});
