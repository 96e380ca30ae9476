import { describe, expect, test } from 'vitest';
import { mayMove, type Output, wantsColour } from '../../../src/terminal/style.js';
import { editDistance, nearest } from '../../../src/cli/suggest.js';
import { pad, truncate, widthOf, wrap } from '../../../src/terminal/width.js';
import { Pipe, Screen } from './screen.js';

describe('columns', () => {
  test.each([
    ['polls', 5],
    ['naïve', 5],
    ['nai\u0308ve', 5],
    ['漢字', 4],
    ['ｆｕｌｌ', 8],
    ['한국', 4],
    ['👍', 2],
    ['✓', 1],
    ['a\u200bb', 2],
    ['\u001b[32mok\u001b[39m', 2],
    ['', 0],
  ])('%j takes %d', (text, columns) => expect(widthOf(text)).toBe(columns));

  test.each([
    ['polls', 5, 'polls'],
    ['polls', 4, 'pol…'],
    ['漢字漢', 5, '漢字…'],
    ['漢字漢', 4, '漢…'],
    ['polls', 1, '…'],
    ['polls', 0, ''],
  ])('%j in %d columns is %j', (text, columns, expected) => expect(truncate(text, columns)).toBe(expected));

  test('padding counts columns, not characters', () => {
    expect(pad('漢', 4)).toBe('漢  ');
    expect(pad('long', 2)).toBe('long');
  });

  test('wrapping keeps words whole', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('/a/very/long/path b', 5)).toEqual(['/a/very/long/path', 'b']);
    expect(wrap('', 5)).toEqual(['']);
  });
});

describe('colour and movement', () => {
  const screen = new Screen(80);
  const pipe = new Pipe();
  test.each<readonly [string, Readonly<Record<string, string>>, Output, boolean, boolean]>([
    ['a terminal', {}, screen, true, true],
    ['a pipe', {}, pipe, false, false],
    ['NO_COLOR', { NO_COLOR: '1' }, screen, false, true],
    ['an empty NO_COLOR', { NO_COLOR: '' }, screen, true, true],
    ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, pipe, true, false],
    ['an empty FORCE_COLOR in a pipe', { FORCE_COLOR: '' }, pipe, true, false],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, screen, false, true],
    ['both', { FORCE_COLOR: '1', NO_COLOR: '1' }, screen, true, true],
    ['TERM=dumb', { TERM: 'dumb' }, screen, false, false],
    ['CI', { CI: 'true' }, screen, true, false],
    ['CI=false', { CI: 'false' }, screen, true, true],
  ])('%s', (_name, env, output, colour, movement) => {
    expect([wantsColour(env, output), mayMove(env, output)]).toEqual([colour, movement]);
  });
});

test('the nearest word', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('ab', 'ba')).toBe(1);
  expect(nearest('wheesl', ['wheels', 'release'])).toBe('wheels');
  expect(nearest('rel', ['wheels', 'release'])).toBe('release');
  expect(nearest('xyz', ['wheels', 'release'])).toBeUndefined();
});
