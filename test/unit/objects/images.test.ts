import { describe, expect, test } from 'vitest';
import { comparePackages } from '../../../src/core/objects/compare-images.js';
import { layerSizes } from '../../../src/core/objects/layer-sizes.js';
import { imageRow } from '../../../src/core/objects/object-rows.js';
import { comparisonText } from '../../../src/vscode/comparison-text.js';

const one = (name: string, version: string, size = 1000): { name: string; version: string; size: number } => ({ name, version, size });

describe('packages compared', () => {
  test('added, removed, upgraded, downgraded, and versions that no rule orders', () => {
    const before = [one('asgiref', '3.8'), one('django', '5.2.1'), one('gone', '1'), one('odd', 'a'), one('pin', '2.0')];
    const after = [one('asgiref', '3.8'), one('django', '5.10'), one('new', '1'), one('odd', 'b'), one('pin', '1.0')];
    expect(comparePackages(before, after)).toEqual({
      added: [one('new', '1')],
      removed: [one('gone', '1')],
      changed: [
        { name: 'django', before: '5.2.1', after: '5.10', kind: 'upgraded' },
        { name: 'odd', before: 'a', after: 'b', kind: 'other' },
        { name: 'pin', before: '2.0', after: '1.0', kind: 'downgraded' },
      ],
      same: 1,
    });
  });

  test('as Markdown, in which a name is no markup', () => {
    const side = { id: 'sha256:1', tags: ['acme/a_b-release:1.0', 'acme/a_b-release:latest'], size: 168_000_000, created: 0 };
    const text = comparisonText({ before: { ...side, size: 150_000_000 }, after: side, ...comparePackages([], [one('<b>x|y</b>', '1')]) });
    expect(text).toContain('# What is other in 1.0');
    expect(text).toContain('168 MB (18 MB more)');
    expect(text).toContain('\\<b\\>x\\|y\\</b\\>');
    expect(text).toContain('## Added');
    expect(text).not.toContain('## Removed');
  });
});

describe('sizes of layers', () => {
  test('instructions that change settings have none', () => {
    const instructions = [
      { createdBy: 'CMD ["x"]', size: 0 },
      { createdBy: '/bin/sh -c #(nop)  ENV A=b', size: 0 },
      { createdBy: 'WORKDIR /app', size: 0 },
      { createdBy: 'RUN /bin/sh -c true', size: 50 },
      { createdBy: '', size: 100 },
    ];
    expect(layerSizes(3, instructions)).toEqual([100, 50, 0]);
    // An engine that makes no layer of what changes nothing.
    expect(layerSizes(2, instructions)).toEqual([100, 50]);
    expect(layerSizes(5, instructions)).toBeUndefined();
  });
});

describe('what an image says about itself', () => {
  const about = (kind: string, facts: unknown): string | undefined =>
    imageRow({
      id: 'i',
      tags: [],
      size: 1,
      created: 1,
      labels: { 'io.pypackage.kind': kind, 'io.pypackage.facts': typeof facts === 'string' ? facts : JSON.stringify(facts) },
    }).about;

  test.each([
    ['base', { python: '3.13.1', distribution: 'debian-13', systemPython: true, machine: 'x86_64', glibc: '2.41', from: 'x' }, 'Python 3.13.1'],
    ['deps', { packages: ['a==1', 'b==2'], lock: 'x', size: 1, system: [] }, '2 packages'],
    ['deps', { packages: ['a==1'], lock: 'x', size: 1, system: [] }, '1 package'],
    ['base', 'no JSON', undefined],
    ['wheels', { anything: true }, undefined],
  ])('%s', (kind, facts, expected) => {
    expect(about(kind, facts)).toBe(expected);
  });
});
