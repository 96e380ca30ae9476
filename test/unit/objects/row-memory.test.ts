import { describe, expect, test } from 'vitest';
import { RowMemory } from '../../../src/core/objects/row-memory.js';

const row = (id: string, state = 'running'): { readonly id: string; readonly state: string } => ({ id, state });

describe('what is told of rows', () => {
  test('all of them at first, then what is other', () => {
    const memory = new RowMemory<ReturnType<typeof row>>();
    expect(memory.replace([row('a'), row('b')])).toEqual({ rows: [row('a'), row('b')], gone: [] });
    expect(memory.replace([row('b'), row('a')])).toEqual({ rows: [], gone: [] });
    expect(memory.replace([row('b', 'exited'), row('c')])).toEqual({ rows: [row('b', 'exited'), row('c')], gone: ['a'] });
  });

  test('of those that were looked for: what is there, and what is not there any more', () => {
    const memory = new RowMemory<ReturnType<typeof row>>();
    memory.replace([row('a'), row('b')]);
    expect(memory.update(['a', 'b', 'never-known'], [row('a', 'exited')])).toEqual({ rows: [row('a', 'exited')], gone: ['b'] });
    expect(memory.update(['a', 'b'], [row('a', 'exited')])).toEqual({ rows: [], gone: [] });
  });
});
