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
import type { Kind } from './bench.js';
import { PARTS, seeded, shuffled, spread, timelineOf } from './timeline.js';
import type { Part, Timeline } from './timeline.js';

const COUNT = Number(process.env['PYPACKAGE_FAULTS_MOMENTS'] ?? '4');
const SEED = Number(process.env['PYPACKAGE_FAULTS_SEED'] ?? '1');
const REPORT = process.env['PYPACKAGE_FAULTS_REPORT'];
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
    const { events, ms, problems } = await bench.complete();
    if (problems.length > 0) throw new Error(problems.join('\n'));
    timeline = timelineOf(events, ms);
  }
}, 600_000);

afterAll(async () => {
  await bench.close();
  if (REPORT === undefined || !timeline) return;
  mkdirSync(dirname(REPORT), { recursive: true });
  writeFileSync(REPORT, JSON.stringify({ seed: SEED, timeline, hits, cancels, late }));
});

const moments = KINDS.flatMap((kind) => Array.from({ length: COUNT }, (_, i) => ({ kind, number: i + 1 })));

describe('ended at a moment, and the next run', () => {
  test.each(shuffled(moments, random))('$kind, $number', async ({ kind, number }) => {
    const moment = momentsOf(kind)[number - 1];
    if (!moment) throw new Error(`there is no moment ${number}`);
    await bench.dropBase();
    await bench.edit();
    await bench.freshBase(compilers);
    const ended = await bench.interrupt(moment, kind);
    if (ended.part === undefined) late++;
    else hits[kind][ended.part] = (hits[kind][ended.part] ?? 0) + 1;
    if (kind === 'cancelled' && ended.part !== undefined) cancels.push(Math.round(ended.took));
    const after = await bench.complete();
    // Whatever is wrong is told together with where it happened.
    const where = `${kind} ${moment.after} ms after the beginning of ${moment.part}, in ${ended.part ?? 'no part'}`;
    expect([...ended.problems, ...after.problems].map((problem) => `${where}: ${problem}`)).toEqual([]);
  });

  test('each stage was hit, killed and cancelled', () => {
    const missed = KINDS.flatMap((kind) => STAGES.filter((stage) => (hits[kind][stage] ?? 0) === 0).map((stage) => `${stage} was never ${kind}`));
    expect(missed).toEqual([]);
    expect(PARTS.reduce((sum, part) => sum + (hits.killed[part] ?? 0) + (hits.cancelled[part] ?? 0), late)).toBe(2 * COUNT);
  });
});

const places = new Map<Kind, ReturnType<typeof spread>>();

/** The measured run is known only when the first moment comes. */
function momentsOf(kind: Kind): ReturnType<typeof spread> {
  if (!timeline) throw new Error('no run was measured');
  const known = places.get(kind) ?? spread(timeline, COUNT, random);
  places.set(kind, known);
  return known;
}
