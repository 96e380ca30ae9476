import { expect, test } from 'vitest';
import { Tail } from '../../../src/core/pipeline/tail.js';

function tailOf(limits: { readonly items: number; readonly characters: number }, items: readonly string[]): readonly string[] {
  const tail = new Tail<string>(limits, (item) => item.length);
  for (const item of items) tail.push(item);
  expect(tail.size).toBe(tail.toArray().length);
  return tail.toArray();
}

test.each([
  [[], []],
  [['a'], ['a']],
  [
    ['a', 'b', 'c', 'd', 'e'],
    ['c', 'd', 'e'],
  ],
  [
    ['aaaa', 'bbbb', 'cccc'],
    ['bbbb', 'cccc'],
  ],
  [['a', 'b', 'x'.repeat(50)], ['x'.repeat(50)]],
  [
    ['x'.repeat(50), 'a', 'b'],
    ['a', 'b'],
  ],
  [
    ['a', '', '', ''],
    ['', '', ''],
  ],
])('of %j at most three items with ten characters are %j', (items, kept) => {
  expect(tailOf({ items: 3, characters: 10 }, items)).toEqual(kept);
});

test('keeps the order however often it went round', () => {
  const items = Array.from({ length: 1000 }, (_, i) => String(i));
  expect(tailOf({ items: 7, characters: 1000 }, items)).toEqual(items.slice(-7));
});
