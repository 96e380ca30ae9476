import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { Outbox } from '../../../src/worker/outbox.js';

function outbox(limit?: number): { readonly box: Outbox<string>; readonly sent: string[][] } {
  const sent: string[][] = [];
  const box = new Outbox<string>({
    send: (items) => sent.push([...items]),
    isLine: (item) => item.startsWith('line'),
    leftOut: (last, count) => `${count} left out, last ${last}`,
    delay: 1,
    ...(limit !== undefined && { limit }),
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
    const { box, sent } = outbox(10);
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
});
