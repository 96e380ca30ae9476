import { describe, expect, test } from 'vitest';
import { formatAgo, formatCount, formatDuration, formatElapsed, formatSize } from '../../../src/core/format.js';

describe('sizes are decimal', () => {
  test.each([
    [0, '0 B'],
    [512, '512 B'],
    [999, '999 B'],
    [999.6, '1 KB'],
    [1000, '1 KB'],
    [96_400, '96 KB'],
    [999_499, '999 KB'],
    [999_500, '1.0 MB'],
    [3_440_000, '3.4 MB'],
    [9_949_999, '9.9 MB'],
    [9_950_000, '10 MB'],
    [168_200_000, '168 MB'],
    [999_499_999, '999 MB'],
    [999_500_000, '1.0 GB'],
    [1_240_000_000, '1.2 GB'],
  ])('%d → %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));
});

describe('durations', () => {
  test.each([
    [-5, '0 ms'],
    [0, '0 ms'],
    [40.4, '40 ms'],
    [99.6, '0.1 s'],
    [600, '0.6 s'],
    [1_700, '1.7 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [12_400, '12 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [65_000, '1 min 5 s'],
    [3_599_600, '1 h'],
    [7_380_000, '2 h 3 min'],
  ])('%d ms → %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  test.each([
    [0, '0 s'],
    [999, '0 s'],
    [3_999, '3 s'],
    [12_999, '12 s'],
    [65_999, '1 min 5 s'],
  ])('a running clock shows whole seconds: %d ms → %s', (ms, text) => expect(formatElapsed(ms)).toBe(text));
});

describe('ages', () => {
  const now = Date.UTC(2026, 10, 23, 12);
  test.each([
    [-10_000, 'just now'],
    [4_999, 'just now'],
    [12_000, '12 s ago'],
    [300_000, '5 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [24 * 3_600_000, '1 day ago'],
    [49 * 3_600_000, '2 days ago'],
    [30 * 24 * 3_600_000, '2026-10-24'],
  ])('%d ms → %s', (age, text) => expect(formatAgo(now - age, now)).toBe(text));
});

test('counts', () => {
  expect(formatCount(1, 'wheel')).toBe('1 wheel');
  expect(formatCount(0, 'wheel')).toBe('0 wheels');
  expect(formatCount(14, 'dependency', 'dependencies')).toBe('14 dependencies');
});
