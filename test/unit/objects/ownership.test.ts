import { describe, expect, test } from 'vitest';
import { isOwnImage, isOwned, ownTags } from '../../../src/core/objects/ownership.js';

const OWNER = { projectId: 'polls-1a2b3c4d', target: 'polls', namespace: 'acme' };
const shared = (...tags: readonly string[]): { readonly tags: readonly string[] } => ({ tags });

describe('whose it is', () => {
  test('what names its project is that one alone', () => {
    expect(isOwned({ project: 'polls-1a2b3c4d', target: 'polls' }, OWNER)).toBe(true);
    expect(isOwned({ project: 'polls-1a2b3c4d', target: 'other' }, OWNER)).toBe(false);
    expect(isOwned({ project: 'polls-ffffffff', target: 'polls' }, OWNER)).toBe(false);
    expect(isOwned({}, OWNER)).toBe(false);
  });

  test('another clone of the project has releases of the same name', () => {
    const tags = ['acme/polls-release:latest'];
    expect(isOwnImage({ project: 'polls-ffffffff', target: 'polls', tags }, OWNER)).toBe(false);
    expect(isOwnImage({ project: 'polls-1a2b3c4d', target: 'polls', tags: [] }, OWNER)).toBe(true);
  });

  test('what several projects may share is told by its names', () => {
    expect(isOwnImage(shared('acme/polls-builder:123456789abc'), OWNER)).toBe(true);
    expect(isOwnImage(shared('acme/pollster-builder:123456789abc', 'other/polls-builder:1'), OWNER)).toBe(false);
    expect(isOwnImage(shared(), OWNER)).toBe(false);
    expect(ownTags(['acme/polls-base:1', 'other/polls-base:1', 'acme/polls-base-x:1'], OWNER)).toEqual(['acme/polls-base:1']);
  });
});
