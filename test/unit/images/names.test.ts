import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  fingerprintTag,
  imageName,
  imageTag,
  isPassingTag,
  nameComponent,
  namespaceProblem,
  releaseTags,
  revisionTag,
} from '../../../src/core/images/names.js';
import type { Revision } from '../../../src/core/project/revision.js';

/** https://github.com/distribution/reference/blob/main/regexp.go */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;

const ODD = [
  'Größe & Co',
  'grö-e-co',
  'feature/Login #12',
  '日本',
  '',
  '-',
  '..',
  '__',
  'a..b',
  'a___b',
  'UPPER',
  ' space ',
  'a/b',
  'x'.repeat(300),
  'ü'.repeat(200),
  '\n',
  '.hidden',
  '-dash',
  'a:b',
  'v1.0\u0000',
];

function hash8(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

describe('nameComponent', () => {
  test.each(['polls', 'my-app', 'a.b', 'a__b', 'a--b', '0'])('leaves %s alone', (name) => {
    expect(nameComponent(name)).toBe(name);
  });

  test.each(ODD)('makes a valid one of %j', (text) => {
    const name = nameComponent(text);
    expect(name).toMatch(COMPONENT);
    expect(name.length).toBeLessThanOrEqual(110);
  });

  test('texts that look alike once they are valid stay apart', () => {
    const names = [...ODD, ...ODD.map((text) => text.toLowerCase())];
    expect(new Set(names.map(nameComponent)).size).toBe(new Set(names).size);
    expect(nameComponent('Größe & Co')).toMatch(/^gr-e-co-[0-9a-f]{8}$/);
  });
});

describe('imageTag', () => {
  test.each([
    ['1.4.0', '1.4.0'],
    ['1.4.0+local.7', '1.4.0-local.7'],
    ['2!1.0rc1.post2.dev3', `2-1.0rc1.post2.dev3-${hash8('2!1.0rc1.post2.dev3')}`],
    ['main', 'main'],
    ['_private', '_private'],
    ['x'.repeat(128), 'x'.repeat(128)],
  ])('%s', (text, expected) => {
    expect(imageTag(text)).toBe(expected);
  });

  test.each(ODD)('makes a valid one of %j', (text) => {
    expect(imageTag(text)).toMatch(TAG);
  });

  test('branches that differ only in what a tag cannot hold stay apart', () => {
    expect(imageTag('feature/a')).not.toBe(imageTag('feature-a'));
    expect(imageTag('x'.repeat(200))).not.toBe(imageTag(`${'x'.repeat(199)}y`));
  });
});

describe('tags of a release', () => {
  const revision: Revision = { commit: '0123456789abcdef0123456789abcdef01234567', branch: 'main', dirty: false, commitTime: 0, origin: undefined, path: '' };
  const digest = 'fedcba9876543210'.repeat(4);

  test.each([
    ['a clean tree', revision, '0123456'],
    ['a dirty tree', { ...revision, dirty: true }, '0123456-fedcba98'],
    ['without Git', undefined, 'src-fedcba98'],
  ])('%s', (_name, given, tag) => {
    expect(revisionTag(given, digest)).toBe(tag);
    expect(releaseTags('1.0+x', given, digest)).toEqual(['1.0-x', tag, 'latest']);
  });

  test('only what no commit has is passing', () => {
    expect(['0123456-fedcba98', 'src-fedcba98'].map(isPassingTag)).toEqual([true, true]);
    expect(['0123456', 'latest', '1.4.0', 'src-1', '1.0-fedcba98', '0123456-fedcba98-x', 'candidate-0123456789ab'].map(isPassingTag)).toEqual(
      Array(7).fill(false),
    );
  });
});

describe('namespaceProblem', () => {
  test.each(['local', 'acme/web', 'registry.example.com/team', 'registry.example.com:5000/team', 'localhost:5000/x', 'localhost/x', 'a.b_c-d'])(
    'takes %s',
    (namespace) => {
      expect(namespaceProblem(namespace)).toBeUndefined();
    },
  );

  test.each(['Acme', 'a b', '', 'a//b', '/a', 'a/', 'registry.example.com:5000/Team', 'a:b', '-a', 'ä', 'a/../b'])('refuses %j', (namespace) => {
    expect(namespaceProblem(namespace)).toContain(`"${namespace}"`);
  });
});

test('the name of an image, and a tag of a fingerprint', () => {
  expect(imageName('registry.example.com:5000/team', 'polls', 'deps')).toBe('registry.example.com:5000/team/polls-deps');
  expect(fingerprintTag('0123456789abcdef')).toBe('0123456789ab');
});
