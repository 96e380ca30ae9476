/** What a run leaves to be remembered, and what whoever reads it makes of it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FRONT_END_ENDS } from '../../../src/core/errors.js';
import type { EventBody, ReleaseSummary } from '../../../src/core/pipeline/events.js';
import { EventHub } from '../../../src/core/pipeline/hub.js';
import { readLastRun } from '../../../src/core/pipeline/last-run.js';
import { isOfThisProcess, recordFile, recordFilesOf } from '../../../src/core/pipeline/record-files.js';
import { markTold, readRecord, readRecords, RunRecorder, type RunRecord, stateOfRecord } from '../../../src/core/pipeline/run-record.js';
import { Redactor } from '../../../src/core/redactor.js';

let folder: string;
let root: string;
let records: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pypackage-records-')));
  root = join(folder, 'polls');
  mkdirSync(root);
  records = join(folder, 'state/pypackage/runs');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const RELEASE: ReleaseSummary = {
  name: 'polls',
  version: '1.4.0',
  image: 'local/polls-release',
  tags: ['local/polls-release:1.4.0'],
  imageId: 'sha256:1',
  size: 168e6,
  command: ['python'],
  serves: true,
};

/** Publishes events as a run does, and hands out what writes the record. */
function recorder(run: string, { signal = new AbortController().signal, redactor = new Redactor() } = {}) {
  const hub = new EventHub(run, 'polls', redactor);
  const writer = new RunRecorder({ folder: records, request: { folder: root, verb: 'all', by: 'editor' }, run, signal });
  hub.subscribe(writer.event);
  return {
    start: (log?: string) =>
      hub.publish({
        type: 'run.started',
        project: { name: 'polls', version: '1.4.0', root },
        python: '3.13',
        engine: 'Docker',
        stages: ['base', 'builder', 'wheels', 'release'],
        facts: [],
        ...(log !== undefined && { log }),
      }),
    say: (...bodies: readonly EventBody[]) => bodies.forEach((body) => hub.publish(body)),
    read: async () => {
      await writer.settled();
      return readRecord(recordFile(records, root, 'polls'));
    },
  };
}

const WHEELS: EventBody = { type: 'stage.started', stage: 'wheels', reason: 'polls/views.py changed' };
const DONE: EventBody = { type: 'run.finished', outcome: 'done', changed: true, ms: 1700, release: RELEASE };
const CANCELLED: EventBody = { type: 'run.finished', outcome: 'cancelled', changed: true, ms: 12_000 };

/** A process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}

describe('the record of a run', () => {
  test('is written when a stage begins and at the end, for its owner only', async () => {
    const run = recorder('20261127-080000-aaaa');
    run.start('/logs/a.log');
    expect(await run.read()).toBeUndefined();
    run.say({ type: 'stage.skipped', stage: 'base', reason: 'up to date' }, WHEELS);
    const during = await run.read();
    expect(during).toMatchObject({ state: 'running', by: 'editor', root, target: 'polls', stage: 'wheels', log: '/logs/a.log', verb: 'all' });
    expect(during?.stages.map(({ stage, state }) => `${stage} ${state}`)).toEqual(['base up to date', 'builder waiting', 'wheels running', 'release waiting']);
    expect(during && isOfThisProcess(during)).toBe(true);
    expect(during && stateOfRecord(during)).toBe('running');
    run.say({ type: 'stage.finished', stage: 'wheels', summary: '1 built', detail: 'x', ms: 5 }, DONE);
    expect(await run.read()).toMatchObject({ state: 'done', changed: true, ms: 1700, release: { version: '1.4.0', size: 168e6 } });
    const [file = ''] = await recordFilesOf(records, root);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(records).mode & 0o777).toBe(0o700);
    expect(readdirSync(records)).toHaveLength(1);
  });

  test('of a failure has the error without its stack and without secrets, and keeps what was released before', async () => {
    const first = recorder('20261127-080000-aaaa');
    first.start();
    first.say(DONE);
    await first.read();
    const redactor = new Redactor();
    redactor.add('hunter22');
    const second = recorder('20261127-080001-bbbb', { redactor });
    second.start();
    const error = { kind: 'stage', code: 'x', message: 'the index refused hunter22', why: 'y'.repeat(9000), detail: 'Error: stack' } as const;
    second.say(WHEELS, { type: 'stage.failed', stage: 'wheels', error, ms: 4 }, { type: 'run.finished', outcome: 'failed', changed: true, ms: 5, error });
    const record = await second.read();
    expect(record).toMatchObject({ state: 'failed', stage: 'wheels', error: { message: 'the index refused ***' }, release: { version: '1.4.0' } });
    const text = readFileSync(recordFile(records, root, 'polls'), 'utf8');
    expect(text).not.toMatch(/hunter22|stack/);
    expect(text.length).toBeLessThan(10_000);
  });

  test('tells a cancel from a front end that went away', async () => {
    for (const [reason, state] of [
      [undefined, 'cancelled'],
      [FRONT_END_ENDS, 'interrupted'],
    ] as const) {
      const abort = new AbortController();
      const run = recorder('20261127-080000-aaaa', { signal: abort.signal });
      run.start();
      run.say(WHEELS);
      abort.abort(reason);
      run.say(CANCELLED);
      expect((await run.read())?.state).toBe(state);
    }
  });

  test('says at once that the front end goes, where there may be no time to tell the end', async () => {
    const abort = new AbortController();
    const run = recorder('20261127-080000-aaaa', { signal: abort.signal });
    run.start();
    run.say(WHEELS);
    abort.abort(FRONT_END_ENDS);
    expect(await run.read()).toMatchObject({ state: 'running', closing: true });
  });

  test('whose process has died says that it was interrupted, and is told once', async () => {
    const run = recorder('20261127-080000-aaaa');
    run.start();
    run.say(WHEELS);
    const record = await run.read();
    if (!record) throw new Error('nothing was written');
    const { holder: _holder, ...rest } = record;
    const dead: RunRecord = { ...rest, pid: await deadPid() };
    expect(stateOfRecord(dead)).toBe('interrupted');
    // Of before the machine was started, by whichever process.
    expect(stateOfRecord({ ...record, holder: '0123456789abcdef-1-1', writtenAt: 0 })).toBe('interrupted');
    // Of another container: nobody here can say.
    expect(stateOfRecord({ ...record, holder: '0123456789abcdef-1-1' })).toBe('running');
    await markTold(records, dead);
    expect(await readRecord(recordFile(records, root, 'polls'))).toMatchObject({ state: 'interrupted', told: true, run: record.run });
    await markTold(records, { ...dead, run: 'another' });
    expect((await readRecord(recordFile(records, root, 'polls')))?.run).toBe(record.run);
  });

  test('of a run at work stays when one that waited for it ends', async () => {
    const working = recorder('20261127-080000-aaaa');
    working.start();
    working.say(WHEELS);
    await working.read();
    const waiting = recorder('20261127-080001-bbbb');
    waiting.start();
    waiting.say(CANCELLED);
    expect((await waiting.read())?.run).toBe('20261127-080000-aaaa');
  });

  test('that another version or somebody else wrote is not there, nor is one that is too large', async () => {
    const run = recorder('20261127-080000-aaaa');
    run.start();
    run.say(DONE);
    const record = await run.read();
    const file = recordFile(records, root, 'polls');
    for (const content of ['', '{', '[]', JSON.stringify({ ...record, v: 2 }), JSON.stringify({ ...record, stages: 'x' }), ' '.repeat(300_000)]) {
      writeFileSync(file, content);
      expect(await readRecords(records, root)).toEqual([]);
    }
    writeFileSync(file, JSON.stringify({ ...record, added: true }));
    expect(await readRecords(records, root)).toEqual([record]);
  });

  test('that cannot be written fails nobody', async () => {
    mkdirSync(join(folder, 'state/pypackage'), { recursive: true });
    writeFileSync(records, 'a file, not a folder');
    const run = recorder('20261127-080000-aaaa');
    run.start();
    run.say(WHEELS, DONE);
    expect(await run.read()).toBeUndefined();
  });

  test('goes when there are more than two hundred', async () => {
    mkdirSync(records, { recursive: true });
    for (let index = 0; index < 205; index++) {
      const file = join(records, `old-${index}.json`);
      writeFileSync(file, '{}');
      utimesSync(file, index, index);
    }
    const run = recorder('20261127-080000-aaaa');
    run.start();
    run.say(DONE);
    await run.read();
    expect(readdirSync(records)).toHaveLength(200);
    expect(existsSync(join(records, 'old-0.json'))).toBe(false);
  });
});

test('the last run is that of the newest record, also of a project that cannot be read, with the end of its log', async () => {
  const env = { XDG_STATE_HOME: join(folder, 'state') };
  expect(await readLastRun({ folder: root, env })).toBeUndefined();
  const log = join(folder, 'a.log');
  writeFileSync(log, `${'x'.repeat(70_000)}\n${Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n')}\nthe \u001b[31mend\n`);
  const run = recorder('20261127-080000-aaaa');
  run.start(log);
  run.say(WHEELS, CANCELLED);
  await run.read();
  const last = await readLastRun({ folder: root, env });
  expect(last).toMatchObject({ state: 'cancelled', record: { run: '20261127-080000-aaaa' } });
  expect(last?.tail).toHaveLength(60);
  expect(last?.tail.at(-1)).toBe('the end');
  expect(await readLastRun({ folder: root, env, target: 'other' })).toBeUndefined();
});
