import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { Outbox, type OutboxOptions } from '../../../src/worker/outbox.js';

function outbox(options: Partial<OutboxOptions<string>> = {}): {
  readonly box: Outbox<string>;
  readonly sent: string[][];
} {
  const sent: string[][] = [];
  const box = new Outbox<string>({
    send: (items) => sent.push([...items]),
    lineLength: (item) => (item.startsWith('line') ? item.length : undefined),
    replaces: (item, before) => item.startsWith('bar') && before.startsWith('bar'),
    leftOut: (last, count) => `${count} left out, last ${last}`,
    delay: 1,
    ...options,
  });
  return { box, sent };
}

describe('what goes out while a call works', () => {
  test('is gathered for a moment and sent as one batch', async () => {
    const { box, sent } = outbox();
    box.add('a');
    box.add('b');
    expect(sent).toEqual([]);
    await vi.waitFor(() => expect(sent).toEqual([['a', 'b']]));
  });

  test('waits until the last batch was drawn', async () => {
    const { box, sent } = outbox();
    box.add('a');
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    box.add('b');
    await sleep(20);
    expect(sent).toHaveLength(1);
    box.acknowledge();
    expect(sent).toEqual([['a'], ['b']]);
  });

  test('is sent without waiting when the call ends', () => {
    const { box, sent } = outbox();
    box.add('a');
    box.end();
    box.end();
    expect(sent).toEqual([['a']]);
  });

  test('leaves out old lines of a flood, says how many, and keeps all else and the order', () => {
    const { box, sent } = outbox({ limit: { lines: 10, characters: 1000 } });
    box.add('start');
    for (let i = 1; i <= 6; i++) box.add(`line ${i}`);
    box.add('step');
    for (let i = 7; i <= 30; i++) box.add(`line ${i}`);
    box.add('end');
    box.end();
    const [items = []] = sent;
    expect(items[0]).toBe('start');
    expect(items.at(-1)).toBe('end');
    expect(items).toContain('step');
    const lines = items.filter((item) => item.startsWith('line'));
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines.at(-1)).toBe('line 30');
    const note = items.find((item) => item.includes('left out'));
    expect(note).toBe(`${30 - lines.length} left out, last line ${30 - lines.length}`);
    // The note stands where the first missing line stood.
    expect(items.indexOf(note ?? '')).toBe(1);
  });

  test('is bounded by its characters too, whatever one line has', () => {
    const { box, sent } = outbox({ limit: { lines: 100, characters: 1000 } });
    for (let i = 1; i <= 50; i++) box.add(`line ${'x'.repeat(300)} ${i}`);
    box.add(`line ${'y'.repeat(5000)}`);
    box.add('line last');
    box.end();
    const lines = (sent[0] ?? []).filter((item) => item.startsWith('line'));
    expect(lines).toEqual(['line last']);
    expect(sent[0]?.find((item) => item.includes('left out'))).toMatch(/^51 left out/);
  });

  test('pauses after a batch from which lines were left out, and not after others', async () => {
    const { box, sent } = outbox({ limit: { lines: 4, characters: 1000 }, pause: 200 });
    for (let i = 1; i <= 9; i++) box.add(`line ${i}`);
    await vi.waitFor(() => expect(sent).toHaveLength(1), { interval: 5 });
    const first = performance.now();
    box.acknowledge();
    box.add('line a');
    await vi.waitFor(() => expect(sent).toHaveLength(2), { interval: 5 });
    expect(performance.now() - first).toBeGreaterThan(100);
    box.acknowledge();
    const second = performance.now();
    box.add('line b');
    await vi.waitFor(() => expect(sent).toHaveLength(3), { interval: 5 });
    expect(performance.now() - second).toBeLessThan(150);
  });

  test('goes out in small batches, one after the other, and all of it at the end', async () => {
    const { box, sent } = outbox({ batch: { lines: 3, characters: 100 } });
    const items = ['start', 'line 1', 'line 2', 'step', 'line 3', 'step', 'line 4', `line ${'x'.repeat(200)}`, 'line 5', 'line 6', 'end'];
    for (const item of items) box.add(item);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toEqual(items.slice(0, 6));
    box.acknowledge();
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]).toEqual(['line 4']);
    box.end();
    expect(sent.flat()).toEqual(items);
    expect(sent).toHaveLength(4);
  });

  test('keeps the last state of a bar only', () => {
    const { box, sent } = outbox();
    for (const item of ['bar 1', 'bar 2', 'step', 'bar 3', 'bar 4', 'line 1', 'bar 5']) box.add(item);
    box.end();
    expect(sent).toEqual([['bar 2', 'step', 'bar 4', 'line 1', 'bar 5']]);
  });
});
