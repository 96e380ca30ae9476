/**
 * The command line killed and cancelled at moments that are spread evenly over a measured run. `npm run test:faults` tells how many,
 * and the seed that places them; each is a test of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STAGES } from '../../../src/core/pipeline/events.js';
import { useSandbox } from '../../support/core.js';
import { Bench } from './bench.js';
import type { Interruption, Kind } from './bench.js';
import { PARTS, seeded, shuffled, spread } from './timeline.js';
import type { Part, Place, Timeline } from './timeline.js';

const COUNT = Number(process.env['PYPACKAGE_FAULTS_MOMENTS'] ?? '4');
const SEED = Number(process.env['PYPACKAGE_FAULTS_SEED'] ?? '1');
const REPORT = process.env['PYPACKAGE_FAULTS_REPORT'];
/** A run that was faster than the last ones ends before its moment: then the next is tried. */
const TRIES = 3;
const KINDS: readonly Kind[] = ['killed', 'cancelled'];

const sandbox = useSandbox();
const bench = new Bench(sandbox);
const random = seeded(SEED);
let compilers: string;
let timeline: Timeline | undefined;
/** Of each part, how often it was hit. */
const hits: Record<Kind, Partial<Record<Part, number>>> = { killed: {}, cancelled: {} };
/** Milliseconds from Ctrl+C to the end of the process. */
const cancels: number[] = [];
let late = 0;

beforeAll(async () => {
  await bench.prepare();
  compilers = await bench.makeCompilers();
  // The first run fills the caches that all runs share; the second is what the others are like.
  for (const _ of ['first', 'measured']) {
    await bench.edit();
    await bench.freshBase(compilers);
    const { problems } = await bench.complete();
    if (problems.length > 0) throw new Error(problems.join('\n'));
    timeline = bench.pace.timeline;
  }
}, 600_000);

afterAll(async () => {
  await bench.close();
  if (REPORT === undefined || !timeline) return;
  mkdirSync(dirname(REPORT), { recursive: true });
  writeFileSync(REPORT, JSON.stringify({ seed: SEED, timeline: bench.pace.timeline, hits, cancels, late }));
});

const moments = KINDS.flatMap((kind) => Array.from({ length: COUNT }, (_, i) => ({ kind, number: i + 1 })));

describe('ended at a moment, and the next run', () => {
  test.each(shuffled(moments, random))('$kind, $number', async ({ kind, number }) => {
    const place = placesOf(kind)[number - 1];
    if (!place) throw new Error(`there is no moment ${number}`);
    const ended = await endedAt(place, kind);
    if (ended.part === undefined) late++;
    else hits[kind][ended.part] = (hits[kind][ended.part] ?? 0) + 1;
    if (kind === 'cancelled' && ended.part !== undefined) cancels.push(Math.round(ended.took));
    const after = await bench.complete();
    // Whatever is wrong is told together with where it happened.
    const where = `${kind} ${ended.after} ms after the beginning of ${place.part}, in ${ended.part ?? 'no part'}`;
    expect([...ended.problems, ...after.problems].map((problem) => `${where}: ${problem}`)).toEqual([]);
  });

  test('each stage was hit, killed and cancelled', () => {
    const missed = KINDS.flatMap((kind) => STAGES.filter((stage) => (hits[kind][stage] ?? 0) === 0).map((stage) => `${stage} was never ${kind}`));
    expect(missed).toEqual([]);
    expect(PARTS.reduce((sum, part) => sum + (hits.killed[part] ?? 0) + (hits.cancelled[part] ?? 0), late)).toBe(2 * COUNT);
  });
});

async function endedAt(place: Place, kind: Kind): Promise<Interruption & { readonly after: number }> {
  for (let tries = 1; ; tries++) {
    await bench.dropBase();
    await bench.edit();
    await bench.freshBase(compilers);
    const moment = bench.pace.momentAt(place);
    const ended = await bench.interrupt(moment, kind);
    if (ended.part !== undefined || ended.problems.length > 0 || tries === TRIES) return { ...ended, after: moment.after };
  }
}

const places = new Map<Kind, readonly Place[]>();

/** The measured run is known only when the first moment comes. */
function placesOf(kind: Kind): readonly Place[] {
  if (!timeline) throw new Error('no run was measured');
  const known = places.get(kind) ?? spread(timeline, COUNT, random);
  places.set(kind, known);
  return known;
}
