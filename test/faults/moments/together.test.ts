/** Several runs at a time, as processes of their own: on one target and on two. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useSandbox } from '../../support/core.js';
import { mini } from '../../support/projects.js';
import { environment, start } from '../../engine/cli/pypackage.js';
import { Bench } from './bench.js';

const sandbox = useSandbox();
const bench = new Bench(sandbox);

beforeAll(async () => {
  await bench.prepare();
  await bench.edit();
  const { problems } = await bench.complete();
  if (problems.length > 0) throw new Error(problems.join('\n'));
});

afterAll(() => bench.close());

test('a run that sleeps while another takes its lease over ends without touching anything', async () => {
  await bench.edit();
  const { ending, problems } = await bench.sleepThrough();
  expect(problems).toEqual([]);
  expect(ending.code).toBe(5);
  expect(ending.events.at(-1)?.event).toMatchObject({ type: 'run.finished', outcome: 'failed', error: { kind: 'lease', code: 'lease-lost' } });
});

test('two targets are worked on side by side, and neither waits', async () => {
  const folders = await Promise.all(['one', 'two'].map((name) => sandbox.project(mini({ name }), name)));
  const runs = folders.map((folder) =>
    start(['all', '--project', folder, '--namespace', sandbox.namespace], { cwd: folder, env: environment(sandbox.folder) }),
  );
  const ends = await Promise.all(runs.map(({ ended }) => ended));
  expect(ends.map(({ code, stdout, stderr }) => (code === 0 ? 'done' : `${code}: ${stdout}${stderr}`))).toEqual(['done', 'done']);
  expect(ends.map(({ stdout }) => stdout).join('')).not.toContain('waiting for');
});
