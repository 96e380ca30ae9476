import { describe, expect, test } from 'vitest';
import { harmless, shortened } from '../../../src/core/harmless.js';

describe('a line of somebody else, made harmless', () => {
  test.each([
    ['plain ä 🐍', 'plain ä 🐍'],
    ['', ''],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['10%\r50%\r100%', '100%'],
    ['done\r\r', 'done'],
    ['\r', ''],
    ['bell\u0007 tab\there', 'bell tab    here'],
    ['a title with words: \u001b]0;run done: no problems\u0007x', 'a title with words: x'],
    ['the clipboard: \u001b]52;c;cm0gLXJmIH4=\u001b\\x', 'the clipboard: x'],
    ['\u001b]8;;http://e\u0007link\u001b]8;;\u0007', 'link'],
    ['\u009d8;;http://e\u009clink\u009d8;;\u009c', 'link'],
    ['a device: \u001bP+q544e\u001b\\x', 'a device: x'],
    ['cleared: \u001b[2J\u001b[Hx, reset: \u001bcx, set: \u001b(0x', 'cleared: x, reset: x, set: x'],
    ['eight bits: \u009b2Jx', 'eight bits: x'],
    ['without an end: \u001b]0;title', 'without an end: 0;title'],
    ['\u001b\u001b]\u001b[', ''],
    ['nul\u0000 del\u007f', 'nul del'],
    ['\ufeffmark', 'mark'],
    ['one\u2028two\u2029three\u0085four', 'onetwothreefour'],
    ['\u202egnp.exe', 'gnp.exe'],
  ])('%j is %j', (text, shown) => expect(harmless(text)).toBe(shown));

  test('keeps colours where they are wanted, and nothing else', () => {
    expect(harmless('\u001b[1;31mred\u001b[2K\u001b[0m done', true)).toBe('\u001b[1;31mred\u001b[0m done\u001b[0m');
    expect(harmless('\u001b[31mred', true)).toBe('\u001b[31mred\u001b[0m');
    expect(harmless('\u001b]8;;http://x\u0007link\u001b]8;;\u0007', true)).toBe('link\u001b[0m');
    expect(harmless('\u001b]52;c;eA==\u0007\u001b[31mred\u001b[39m', true)).toBe('\u001b[31mred\u001b[39m\u001b[0m');
    expect(harmless('plain', true)).toBe('plain');
  });

  test.each(['\r', '\u001b', '\u001b[', '\u001b]', '\u009d', '\u009b0', '\u001b[0;', '\u001b[0m', '\u001b]8;;', '\u001b ', '\t', '\u202e'])(
    'takes no longer than the line is long: %j, over and over',
    (piece) => {
      const line = `${piece.repeat(65_536 / piece.length)}x`;
      const started = performance.now();
      harmless(line, true);
      harmless(line);
      // Some milliseconds. With an expression that is tried from each character, seconds.
      expect(performance.now() - started).toBeLessThan(500);
    },
  );

  test('is cut where nobody reads so much, and says how much is missing', () => {
    expect(shortened('short', 5)).toBe('short');
    expect(shortened('x'.repeat(3000), 1000)).toBe(`${'x'.repeat(1000)}… (2,000 more characters)`);
    expect(shortened('ab🐍🐍', 3)).toBe('ab… (4 more characters)');
  });
});
