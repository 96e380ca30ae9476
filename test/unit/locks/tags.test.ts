import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { compatibleTags, misfitOf, WheelRanking } from '../../../src/core/locks/tags.js';
import { PYTHON_311, PYTHON_313 } from './environment.js';

describe('wheel tags', () => {
  // Number and sha256 of the lines that packaging.tags gives for the same interpreter, glibc and machine.
  test.each([
    [PYTHON_313, 1205, '33300acb431c5a2a0c4456d979ff6d894cf8e219b261da7adf87a52580283cd3'],
    [PYTHON_311, 914, '383ffd2beb764fa9054698434f944b99ad76427d82d57c95382f2b5df9c80b33'],
    [{ python: '3.9.2', machine: 'aarch64', glibc: '2.31' }, 369, '8348a05b4e7b7f4c9e2ba7cf6970310ac270f987b659a004803d224f5ebfb6eb'],
  ])('of %j are those of packaging, in its order', (environment, count, sha256) => {
    const tags = compatibleTags(environment);
    expect(tags.length).toBe(count);
    expect(createHash('sha256').update(tags.join('\n')).digest('hex')).toBe(sha256);
  });

  test('the best wheel comes first, and those of others are left out', () => {
    const wheels = [
      'a-1.0-py3-none-any.whl',
      'a-1.0-cp313-cp313-win_amd64.whl',
      'a-1.0-cp313-cp313-musllinux_1_2_x86_64.whl',
      'a-1.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      'a-1.0-cp313-cp313-manylinux_2_28_x86_64.whl',
      'a-1.0-cp313-cp313-manylinux_2_42_x86_64.whl',
      'a-1.0-cp313-cp313t-manylinux_2_28_x86_64.whl',
      'a-1.0-cp39-abi3-manylinux1_x86_64.whl',
      'a-1.0-cp312-cp312-manylinux_2_28_x86_64.whl',
      'a-1.0-2-py3-none-any.whl',
    ];
    expect(new WheelRanking(PYTHON_313).fitting(wheels, (file) => file)).toEqual([
      'a-1.0-cp313-cp313-manylinux_2_28_x86_64.whl',
      'a-1.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      'a-1.0-cp39-abi3-manylinux1_x86_64.whl',
      'a-1.0-2-py3-none-any.whl',
      'a-1.0-py3-none-any.whl',
    ]);
  });

  test('a set without any that fits is for another Python, or another platform', () => {
    expect(misfitOf(['a-1.0-cp310-cp310-manylinux_2_28_x86_64.whl', 'a-1.0-cp313-cp313-win_amd64.whl'], PYTHON_313)).toBe('python');
    expect(misfitOf(['a-1.0-cp313-cp313-macosx_11_0_arm64.whl', 'a-1.0-cp313-cp313-win_amd64.whl'], PYTHON_313)).toBe('platform');
    expect(misfitOf(['a-1.0-py2-none-any.whl'], PYTHON_313)).toBe('python');
  });
});
