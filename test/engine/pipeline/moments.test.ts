/** The quick part of `npm run test:faults`: the command line killed and cancelled in each stage. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../faults/moments/bench.js';
import type { Kind } from '../../faults/moments/bench.js';
import type { Moment } from '../../faults/moments/timeline.js';
import { BASE_IMAGE, useSandbox } from '../../support/core.js';

const sandbox = useSandbox();
const bench = new Bench(sandbox);

beforeAll(() => bench.prepare());
afterAll(() => bench.close());

/** Each run goes on where the one before it was ended. */
async function endedIn(moment: Moment, kind: Kind): Promise<object> {
  const { part, problems } = await bench.interrupt(moment, kind);
  return { part, problems };
}

test('a first run, with things of other people around that look like ours', async () => {
  await bench.edit();
  expect((await bench.complete()).problems).toEqual([]);
});

test('killed in base, cancelled in builder, on a base image that no stage has seen', async () => {
  await bench.edit();
  await bench.freshBase(BASE_IMAGE);
  expect(await endedIn({ part: 'base', after: 300 }, 'killed')).toEqual({ part: 'base', problems: [] });
  expect(await endedIn({ part: 'builder', after: 1000 }, 'cancelled')).toEqual({ part: 'builder', problems: [] });
});

test('killed in wheels, cancelled in release; the next run sweeps all that these and those have left', async () => {
  bench.knownBase();
  expect(await endedIn({ part: 'wheels', after: 100 }, 'killed')).toEqual({ part: 'wheels', problems: [] });
  expect(await endedIn({ part: 'release', after: 30 }, 'cancelled')).toEqual({ part: 'release', problems: [] });
  expect((await bench.complete()).problems).toEqual([]);
});

test('killed, and cleaned: what it left goes with all that the project has made', async () => {
  await bench.edit();
  expect(await endedIn({ part: 'wheels', after: 100 }, 'killed')).toEqual({ part: 'wheels', problems: [] });
  const { said, problems } = await bench.clean();
  expect(problems).toEqual([]);
  expect(said).toMatch(/^Removed what ended runs left behind: 1 container\.$/m);
});
