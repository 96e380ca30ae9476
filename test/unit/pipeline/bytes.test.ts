import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { jsonLine } from '../../../src/cli/json-line.js';
import { decodeBytes, encodeText, holdsBytes, wellFormed } from '../../../src/core/bytes.js';
import { harmless } from '../../../src/core/harmless.js';

describe('bytes as text', () => {
  test.each<[string, readonly number[], string]>([
    ['valid UTF-8', [...Buffer.from('aä漢🐍')], 'aä漢🐍'],
    ['the replacement character itself', [0xef, 0xbf, 0xbd], '\ufffd'],
    ['a byte that begins nothing', [0xff], '\udcff'],
    ['a character that is cut', [0xf0, 0x9f, 0x90], '\udcf0\udc9f\udc90'],
    ['too long a form', [0xc0, 0x80, 0xe0, 0x80, 0x80], '\udcc0\udc80\udce0\udc80\udc80'],
    ['half a surrogate pair as CESU-8', [0xed, 0xb2, 0x80], '\udced\udcb2\udc80'],
    ['what is beyond Unicode', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
    ['the replacement character beside a wrong byte', [0xef, 0xbf, 0xbd, 0xff, 0x61], '\ufffd\udcffa'],
  ])('%s', (_name, bytes, text) => {
    expect(decodeBytes(Uint8Array.from(bytes))).toBe(text);
    expect([...encodeText(text)]).toEqual(bytes);
  });

  test('whatever they are', () => {
    for (let i = 0; i < 50; i++) {
      const bytes = randomBytes(5_000);
      expect(encodeText(decodeBytes(bytes)).equals(bytes)).toBe(true);
    }
  });

  test('do no harm outside', () => {
    const text = decodeBytes(Uint8Array.of(0x61, 0xff, 0x62));
    expect([holdsBytes(text), holdsBytes('a🐍'), wellFormed(text), harmless(text)]).toEqual([true, false, 'a\ufffdb', 'a\ufffdb']);
    expect(jsonLine({ text, literal: '\\udcff', snake: '🐍' })).toBe('{"text":"a\ufffdb","literal":"\\\\udcff","snake":"🐍"}');
  });
});
