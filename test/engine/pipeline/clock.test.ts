/** A clock that is set while a run works: nothing is waited for longer or given up sooner, no duration is below zero, and what is up to date stays so. */
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createCore } from '../../../src/core/create-core.js';
import { useSandbox } from '../../support/core.js';
import type { Run } from '../../support/core.js';
import { mini } from '../../support/projects.js';

const sandbox = useSandbox();
const DAY = 24 * 3_600_000;
let folder: string;

beforeAll(async () => {
  folder = await sandbox.project(mini(), 'mini');
  await sandbox.make(folder);
});

afterEach(() => vi.unstubAllGlobals());

const Real = Date;

/** From now on the clock of this process is so much ahead. */
function setClock(ahead: number): void {
  vi.stubGlobal(
    'Date',
    class extends Real {
      constructor(...args: readonly [] | readonly [number | string | Date]) {
        if (args.length === 0) super(Real.now() + ahead);
        else super(args[0]);
      }

      static override now(): number {
        return Real.now() + ahead;
      }
    },
  );
}

function durations({ events }: Run): readonly number[] {
  return events.flatMap((event) => ('ms' in event && event.ms !== undefined ? [event.ms] : []));
}

test.each([
  ['forwards, then back', 2 * DAY, -2 * DAY],
  ['back, then forwards', -2 * DAY, 2 * DAY],
])('%s', async (_name, first, second) => {
  await writeFile(join(folder, 'mini/__init__.py'), `def main():\n    print("${first}")\n`);
  const started = performance.now();
  // The order of its events' times is looked at for every run.
  const run = await sandbox.make(folder, {
    onEvent: (event) => {
      if (event.type === 'stage.started') setClock(event.stage === 'wheels' ? first : second);
    },
  });
  const ms = performance.now() - started;
  expect(durations(run).every((duration) => duration >= 0 && duration <= ms)).toBe(true);
  expect((await sandbox.make(folder)).changed).toBe(false);
  vi.unstubAllGlobals();
  expect((await sandbox.make(folder)).changed).toBe(false);
});

test('an edit is seen though the clock went back before it, and its stamp is of before what was looked at last', async () => {
  const file = join(folder, 'mini/__init__.py');
  setClock(DAY);
  await sandbox.make(folder);
  vi.unstubAllGlobals();
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('print', 'input'));
  await utimes(file, new Date(Date.now() - DAY), new Date(Date.now() - DAY));
  const core = createCore();
  try {
    const { stages } = await core.status(sandbox.request(folder), new AbortController().signal);
    expect(stages.find(({ stage }) => stage === 'wheels')?.state).toBe('stale');
  } finally {
    core.close();
  }
});
