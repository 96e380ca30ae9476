/** Since when a container runs, out of the words of the engine's list. */
import { describe, expect, test } from 'vitest';
import type { ContainerSummary } from '../../../src/core/engine/engine.js';
import { upInStatus } from '../../../src/core/engine/dockerode/up-in-status.js';
import { UpSince } from '../../../src/core/objects/up-since.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("the list's words", () => {
  test.each([
    ['Up Less than a second', 0, 1000],
    ['Up 1 second', 1000, 2000],
    ['Up 59 seconds (health: starting)', 59_000, 60_000],
    ['Up About a minute (healthy)', MINUTE, 2 * MINUTE],
    ['Up 5 minutes (Paused)', 5 * MINUTE, 6 * MINUTE],
    ['Up About an hour', HOUR, 1.5 * HOUR],
    ['Up 3 hours', 2.5 * HOUR, 3.5 * HOUR],
    ['Up 2 days', 47.5 * HOUR, 71.5 * HOUR],
    ['Up 3 weeks (unhealthy)', (21 * 24 - 0.5) * HOUR, (28 * 24 - 0.5) * HOUR],
  ])('%s', (status, least, below) => {
    expect(upInStatus(status)).toEqual({ least, below });
  });

  test.each(['Exited (0) 5 minutes ago', 'Created', 'Restarting (1) 3 seconds ago', 'Up', 'Up a while', ''])('%j says nothing of it', (status) => {
    expect(upInStatus(status)).toBeUndefined();
  });
});

describe('a container', () => {
  const container = (status: string, more: Partial<ContainerSummary> = {}): ContainerSummary => {
    const upFor = upInStatus(status);
    return {
      id: 'c',
      name: 'c',
      image: 'i',
      imageId: 'i',
      labels: {},
      state: 'running',
      health: 'none',
      exitCode: undefined,
      created: 0,
      ports: [],
      ...(upFor && { upFor }),
      ...more,
    };
  };
  const NOON = 12 * HOUR;

  test('keeps its time while lists agree with it, and is known better when one does not', () => {
    const since = new UpSince();
    expect(since.of(container('Up 5 minutes'), NOON)).toBe(NOON - 5 * MINUTE);
    expect(since.of(container('Up 5 minutes'), NOON + 30_000)).toBe(NOON - 5 * MINUTE);
    // It was almost six.
    expect(since.of(container('Up 6 minutes'), NOON + 40_000)).toBe(NOON + 40_000 - 6 * MINUTE);
  });

  test('has another one after a restart, also one that nobody saw', () => {
    const since = new UpSince();
    expect(since.of(container('Up 2 hours'), NOON)).toBe(NOON - 1.5 * HOUR);
    expect(since.of(container('Up 3 seconds'), NOON + MINUTE)).toBe(NOON + MINUTE - 3000);
    expect(since.of(container('Exited (0) 1 second ago', { state: 'exited' }), NOON + 2 * MINUTE)).toBeUndefined();
    expect(since.of(container('Up Less than a second'), NOON + 3 * MINUTE + 400)).toBe(NOON + 3 * MINUTE);
  });

  test('is known exactly where it was asked for by itself', () => {
    const startedAt = '2026-11-27T12:00:00.999Z';
    expect(new UpSince().of(container('', { startedAt }), Date.parse(startedAt) + MINUTE)).toBe(Date.parse('2026-11-27T12:00:00Z'));
    expect(new UpSince().of(container(''), NOON)).toBeUndefined();
  });
});
