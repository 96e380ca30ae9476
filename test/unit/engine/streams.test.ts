import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Demultiplexer } from '../../../src/core/engine/dockerode/demultiplexer.js';
import { encodeText } from '../../../src/core/bytes.js';
import { LineSplitter } from '../../../src/core/engine/dockerode/lines.js';

function split(pieces: readonly (string | Uint8Array)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const piece of pieces) void splitter.push(Buffer.from(piece));
  splitter.flush();
  return lines;
}

describe('LineSplitter', () => {
  it('does not care where pieces end', () => {
    const text = Buffer.from('one\r\nzwei ä 🐍\n\n\nlast');
    const expected = ['one', 'zwei ä 🐍', '', '', 'last'];
    for (let size = 1; size <= text.length; size++) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.subarray(i * size, (i + 1) * size));
      expect(split(pieces)).toEqual(expected);
    }
  });

  it('keeps what it has not handed out, though its source is used again', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    const piece = Buffer.from('abc');
    void splitter.push(piece);
    piece.fill('x');
    void splitter.push(Buffer.from('\n'));
    expect(lines).toEqual(['abc']);
  });

  it('hands out a line without end in pieces of at most 64 KiB, and cuts no character', () => {
    const text = '🐍ä'.repeat(40_000);
    const bytes = Buffer.from(text);
    const lines = split([bytes.subarray(0, 100_001), bytes.subarray(100_001)]);
    expect(lines.join('')).toBe(text);
    expect(lines.every((line) => Buffer.byteLength(line) <= 65_536)).toBe(true);
    expect(split([`${text}\nnext\n`]).slice(-1)).toEqual(['next']);
  });

  it('hands out a line of 100 MB without end in pieces, holding one of them', () => {
    let characters = 0;
    let longest = 0;
    const splitter = new LineSplitter((line) => {
      characters += line.length;
      longest = Math.max(longest, line.length);
    });
    const piece = Buffer.alloc(1_000_000, 'x');
    const started = performance.now();
    for (let i = 0; i < 100; i++) void splitter.push(piece);
    splitter.flush();
    expect([characters, longest]).toEqual([100_000_000, 65_536]);
    // 0.2 s. Joined anew with each piece, minutes.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('is slowed down by its reader: what the last line of a piece was answered with is what it answers', async () => {
    const room = Promise.resolve();
    const answers: (Promise<void> | undefined)[] = [undefined, room, undefined, room];
    const splitter = new LineSplitter(() => answers.shift());
    expect(splitter.push(Buffer.from('a\nb\n'))).toBe(room);
    expect(splitter.push(Buffer.from('c\nrest'))).toBeUndefined();
    expect(splitter.push(Buffer.from('\n'))).toBe(room);
    await room;
  });

  it('leaves carriage returns within a line, and what is no text, to whoever shows it', () => {
    expect(split(['10%\r50%\r', '100%\r\n', '\ufeffmark\u2028\u0000\r\r\n'])).toEqual(['10%\r50%\r100%', '\ufeffmark\u2028\u0000\r']);
    expect(split([Buffer.from('ab\u{1F40D}c\n').subarray(0, 4), Buffer.from('ab\u{1F40D}c\n').subarray(4)])).toEqual(['ab🐍c']);
    expect(split([Uint8Array.of(0xf0, 0x9f), Uint8Array.of(0x0a)])).toEqual(['\udcf0\udc9f']);
  });

  it('marks what is not UTF-8 and loses nothing around it', () => {
    expect(split([Uint8Array.of(97, 255, 254, 98, 10)])).toEqual(['a\udcff\udcfeb']);
  });

  it('says all bytes: the text and the end of each line', () => {
    const bytes = randomBytes(400_000);
    const pieces = [bytes, Buffer.from('\r\n\r\r\n\n'), Buffer.alloc(200_000, 'x'), Buffer.from(`${'word '.repeat(20_000)}\rno end\r`)];
    const said: Buffer[] = [];
    const splitter = new LineSplitter((line, end) => void said.push(encodeText(line + end)));
    const whole = Buffer.concat(pieces);
    for (let at = 0; at < whole.length; at += 30_011) void splitter.push(whole.subarray(at, at + 30_011));
    splitter.flush();
    expect(Buffer.concat(said).equals(whole)).toBe(true);
  });

  it('ends a piece of a long line at a space: what is redacted by the line is not cut', () => {
    const text = `${'x'.repeat(65_000)} ${'secret'.repeat(300)} ${'y'.repeat(100)}`;
    const lines = split([text]);
    expect(lines.join('')).toBe(text);
    expect(lines.map((line) => line.includes('secret'.repeat(300)))).toEqual([false, true]);
  });
});

function frame(stream: 1 | 2, content: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(content), 4);
  return Buffer.concat([head, Buffer.from(content)]);
}

describe('Demultiplexer', () => {
  it('takes frames apart, wherever they are cut', async () => {
    const bytes = Buffer.concat([frame(1, 'out one '), frame(2, 'err'), frame(1, ''), frame(1, 'out two')]);
    for (let size = 1; size <= bytes.length; size++) {
      const seen = { stdout: '', stderr: '' };
      const sink = new Demultiplexer((stream, data) => void (seen[stream] += data.toString()));
      for (let at = 0; at < bytes.length; at += size) sink.write(bytes.subarray(at, at + size));
      await new Promise<void>((resolve) => sink.end(() => resolve()));
      expect(seen).toEqual({ stdout: 'out one out two', stderr: 'err' });
    }
  });

  it('takes no more before its reader is done', async () => {
    let free: (() => void) | undefined;
    let taken = 0;
    const sink = new Demultiplexer(() => {
      taken += 1;
      return new Promise<void>((resolve) => (free = resolve));
    });
    sink.write(frame(1, 'a'));
    sink.write(frame(1, 'b'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(1);
    free?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(2);
  });

  it('fails when the stream ends within a frame, and with the error of its reader', async () => {
    const cut = new Demultiplexer(() => undefined);
    const problem = new Promise((resolve) => cut.on('error', resolve));
    cut.end(frame(1, 'abc').subarray(0, 9));
    expect(await problem).toMatchObject({ message: 'aborted' });
    const broken = new Error('no room');
    const sink = new Demultiplexer(() => Promise.reject(broken));
    const own = new Promise((resolve) => sink.on('error', resolve));
    sink.write(frame(1, 'a'));
    expect(await own).toBe(broken);
  });
});
