import { describe, expect, test } from 'vitest';
import { canonicalJson, fingerprint, sha256 } from '../../../src/core/pipeline/fingerprint.js';
import { LogTail } from '../../../src/core/pipeline/stages/log-tail.js';
import { isInternalStep, stepName } from '../../../src/core/pipeline/stages/step-name.js';
import { lockDigest } from '../../../src/core/pipeline/stages/wheelhouse.js';

describe('fingerprints', () => {
  test('equal values give equal text, whatever the order of their keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'ü"\n' }], a: true })).toBe('{"a":true,"b":[1,{"c":"ü\\"\\n","d":null}]}');
    expect(fingerprint('base', { a: 1, b: { x: 1, y: 2 } })).toBe(fingerprint('base', { b: { y: 2, x: 1 }, a: 1 }));
  });

  test('the order of a list, the kind and every value count', () => {
    const prints = [
      fingerprint('base', { a: ['1', '2'] }),
      fingerprint('base', { a: ['2', '1'] }),
      fingerprint('base', { a: ['12'] }),
      fingerprint('base', { a: '1,2' }),
      fingerprint('builder', { a: ['1', '2'] }),
      fingerprint('base', { a: ['1', '2'], b: null }),
      fingerprint('base', { a: [1, 2] }),
    ];
    expect(new Set(prints).size).toBe(prints.length);
    expect(prints[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test('sha256 of text is of its UTF-8', () => {
    expect(sha256('ü')).toBe(sha256(Buffer.from([0xc3, 0xbc])));
  });

  test('a lock is its wheels, in any order', () => {
    const wheel = (name: string, hash: string) => ({
      name,
      version: '1',
      file: `${name}-1-py3-none-any.whl`,
      path: name,
      size: 1,
      sha256: hash,
      role: 'dependency' as const,
    });
    expect(lockDigest([wheel('a', '1'), wheel('b', '2')])).toBe(lockDigest([wheel('b', '2'), wheel('a', '1')]));
    expect(lockDigest([wheel('a', '1')])).not.toBe(lockDigest([wheel('a', '2')]));
    expect(lockDigest([{ ...wheel('a', '1'), origin: { url: 'x', sha256: 'y', kind: 'sdist' } }])).toBe(lockDigest([wheel('a', '1')]));
  });
});

describe('names of steps', () => {
  test.each([
    [
      '[stage-0 2/3] RUN --mount=type=secret,id=pypackage-ca     --mount=type=bind,source=network.sh,target=/run/pypackage/network.sh     . /run/pypackage/network.sh  && apt-get -qq update  && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes libpq5',
      '2/3 RUN apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes libpq5',
    ],
    [
      '[2/2] RUN SOURCE_DATE_EPOCH=7 /appenv/bin/python /run/pypackage/install.py --collectstatic a.b',
      '2/2 RUN /appenv/bin/python /run/pypackage/install.py --collectstatic a.b',
    ],
    ['[1/4] FROM docker.io/library/python:3.13', '1/4 FROM python:3.13'],
    ['[1/4] FROM docker.io/local/app-base:1@sha256:0', '1/4 FROM local/app-base:1@sha256:0'],
    ['[3/4] COPY --chmod=0755 entrypoint.sh /usr/local/bin/x', '3/4 COPY --chmod=0755 entrypoint.sh /usr/local/bin/x'],
    ['exporting to image', 'exporting to image'],
    ['FROM docker.io/library/python:3.13', 'FROM python:3.13'],
  ])('%s', (vertex, name) => {
    expect(stepName(vertex)).toBe(name);
  });

  test('bookkeeping of the engine is told from work', () => {
    expect(['[internal] load build definition from Dockerfile', '[1/2] FROM x'].map(isInternalStep)).toEqual([true, false]);
  });
});

describe('the tail of a log', () => {
  test('keeps the last lines and knows their numbers in the whole', () => {
    const tail = new LogTail(3);
    for (const line of ['a', 'b', 'error: c', 'd', '  ']) tail.push(line);
    expect(tail.total).toBe(5);
    expect(tail.last()).toBe('d');
    const found = tail.find(/^error: (.*)$/);
    expect([found?.line, found?.match[1]]).toEqual([3, 'c']);
    expect(tail.find(/^a$/)).toBeUndefined();
    expect(new LogTail().last()).toBeUndefined();
  });
});
