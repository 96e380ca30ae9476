import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EventBody, RunEvent } from '../../../src/core/pipeline/events.js';
import { EventHub } from '../../../src/core/pipeline/hub.js';
import { LogFile, logFileName } from '../../../src/core/pipeline/log-file.js';
import { exitCodeOf } from '../../../src/core/errors.js';
import { Redactor } from '../../../src/core/redactor.js';
import { neededStages, newRunId } from '../../../src/core/pipeline/run.js';

const log = (text: string): EventBody => ({ type: 'log', stage: 'wheels', stream: 'stdout', text });
const started: EventBody = { type: 'stage.started', stage: 'wheels', reason: 'x.py changed' };

function hub(...secrets: readonly string[]): { hub: EventHub; seen: RunEvent[] } {
  const seen: RunEvent[] = [];
  const redactor = new Redactor();
  redactor.add(...secrets);
  const made = new EventHub('20261123-120455-7f3a', 'polls', redactor, () => new Date(Date.UTC(2026, 10, 23)));
  made.subscribe((event) => seen.push(event));
  return { hub: made, seen };
}

describe('the hub', () => {
  test('numbers events from 1 and dates them', () => {
    const { hub: made, seen } = hub();
    made.publish(started);
    made.publish(log('a'));
    expect(seen).toEqual([
      { v: 1, run: '20261123-120455-7f3a', seq: 1, time: '2026-11-23T00:00:00.000Z', target: 'polls', ...started },
      { v: 1, run: '20261123-120455-7f3a', seq: 2, time: '2026-11-23T00:00:00.000Z', target: 'polls', ...log('a') },
    ]);
  });

  test('a late reader gets what happened, the last lines of the log, and then the rest, in order', () => {
    const { hub: made } = hub();
    made.publish(started);
    for (let i = 0; i < 1_200; i++) made.publish(log(`line ${i}`));
    made.publish({ type: 'stage.finished', stage: 'wheels', summary: 'built', detail: '', ms: 1 });
    const late: RunEvent[] = [];
    made.subscribe((event) => late.push(event));
    expect(late[0]).toMatchObject(started);
    expect(late.at(-1)?.type).toBe('stage.finished');
    const texts = late.flatMap((event) => (event.type === 'log' ? [event.text] : []));
    expect(texts).toHaveLength(500);
    expect(texts[0]).toBe('line 700');
    expect(late.map(({ seq }) => seq)).toEqual(late.map(({ seq }) => seq).sort((a, b) => a - b));
    made.publish(log('after'));
    expect(late.at(-1)).toMatchObject(log('after'));
  });

  test('progress is for those who look on: no late reader gets it', () => {
    const { hub: made, seen } = hub();
    made.publish({ type: 'progress', stage: 'base', label: 'pull', current: 1, unit: 'bytes' });
    const late: RunEvent[] = [];
    made.subscribe((event) => late.push(event));
    expect([seen.length, late.length]).toEqual([1, 0]);
  });

  test('who has left gets nothing more', () => {
    const { hub: made } = hub();
    const seen: RunEvent[] = [];
    const leave = made.subscribe((event) => seen.push(event));
    made.publish(log('a'));
    leave();
    made.publish(log('b'));
    expect(seen).toHaveLength(1);
  });

  test('asks for time while a reader has no room, and for none when all have', async () => {
    const { hub: made } = hub();
    let free: (() => void) | undefined;
    const full = new Promise<void>((resolve) => (free = resolve));
    made.subscribe(() => full);
    expect(made.room()).toBeUndefined();
    made.publish(log('a'));
    made.publish(log('b'));
    const room = made.room();
    expect(room).toBeInstanceOf(Promise);
    free?.();
    await room;
    expect(made.room()).toBeUndefined();
  });

  test('what is secret is in no event, whichever it came by', () => {
    const { hub: made, seen } = hub('s3cret');
    const error = { kind: 'stage', code: 'c', message: 'm s3cret', why: 'w s3cret', fix: 'f', detail: 'd s3cret' } as const;
    made.publish(log('x s3cret y'));
    made.publish({ type: 'step', stage: 'base', id: '1', name: 'RUN s3cret', state: 'failed' });
    made.publish({ type: 'stage.failed', stage: 'base', error, ms: 1 });
    made.publish({ type: 'run.finished', outcome: 'failed', changed: false, error, ms: 1 });
    expect(JSON.stringify(seen)).not.toContain('s3cret');
    expect(JSON.stringify(seen).match(/\*\*\*/g)).toHaveLength(8);
    expect(seen.at(-1)).toMatchObject({ error: { message: 'm ***', why: 'w ***', detail: 'd ***', fix: 'f' } });
  });
});

describe('the log file', () => {
  test.each([
    ['polls', '20261123-120455-polls-7f3a.log'],
    ['a/b ü', '20261123-120455-a-b--7f3a.log'],
    ['../../etc', '20261123-120455-..-..-etc-7f3a.log'],
  ])('of the target %s is %s', (target, name) => {
    expect(logFileName('20261123-120455-7f3a', target)).toBe(name);
  });

  test('holds every line, with its time and stage, and only its owner reads it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pypackage-log-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = new LogFile(join(folder, 'deep', 'logs'), '20261123-120455-7f3a', 'polls');
    const { hub: made } = hub();
    made.subscribe((event) => file.write(event));
    made.publish(started);
    for (let i = 0; i < 2_000; i++) made.publish(log(`line ${i}`));
    made.publish({ type: 'progress', stage: 'base', label: 'pull', current: 1, unit: 'bytes' });
    made.publish({ type: 'log', stage: 'wheels', stream: 'note', text: 'a sentence of ours' });
    await file.close();
    const lines = (await readFile(file.path, 'utf8')).split('\n');
    expect(lines[0]).toBe('00:00:00.000 wheels: started: x.py changed');
    expect(lines).toHaveLength(2_003);
    expect(lines.slice(-3)).toEqual(['00:00:00.000 wheels | line 1999', '00:00:00.000 wheels * a sentence of ours', '']);
    expect((await stat(file.path)).mode & 0o077).toBe(0);
    expect(await readdir(join(folder, 'deep', 'logs'))).toEqual(['20261123-120455-polls-7f3a.log']);
  });
});

describe('the log file of a hostile run', () => {
  async function written(events: readonly EventBody[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'pypackage-log-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = new LogFile(folder, '20261123-120455-7f3a', 'polls');
    const { hub: made } = hub();
    made.subscribe((event) => file.write(event));
    for (const event of events) made.publish(event);
    await file.close();
    return readFile(file.path, 'utf8');
  }

  test('keeps what a container wrote as it is, and no part of it passes for a line of ours', async () => {
    const hostile = '\u0000\u001b]0;title\u0007 \ufeff\u2028 10%\r12:00:00.000 run done\r';
    expect(await written([log(hostile)])).toBe(
      '00:00:00.000 wheels |\\r \u0000\u001b]0;title\u0007 \ufeff\u2028 10%\n00:00:00.000 wheels |\\r 12:00:00.000 run done\n00:00:00.000 wheels | \n',
    );
  });

  test('says once what failed, where, why and what to do; only of a defect how it came to that', async () => {
    const error = {
      kind: 'stage',
      code: 'x',
      message: 'no',
      where: { file: 'a.c', line: 3 },
      why: 'so',
      fix: 'mend',
      detail: 'UserError: no\n    at x\ncaused by: gcc',
    } as const;
    const failed: EventBody = { type: 'stage.failed', stage: 'wheels', error, ms: 1 };
    const finished: EventBody = { type: 'run.finished', outcome: 'failed', changed: false, ms: 2, error };
    const told = ['where a.c:3', 'why so', 'fix mend'].map((text) => `00:00:00.000 ${text}\n`).join('');
    expect(await written([failed, finished])).toBe(`00:00:00.000 wheels: failed: no\n${told}gcc\n00:00:00.000 run failed in 2 ms: no\n`);
    expect(await written([finished])).toBe(`00:00:00.000 run failed in 2 ms: no\n${told}gcc\n`);
    const defect = { kind: 'defect', code: 'defect', message: 'x is undefined', detail: 'TypeError: x is undefined\n    at y' } as const;
    expect(await written([{ ...finished, error: defect }])).toBe('00:00:00.000 run failed in 2 ms: x is undefined\nTypeError: x is undefined\n    at y\n');
  });

  test('holds lines of a megabyte, with characters of every length', async () => {
    const line = 'aä漢🐍'.repeat(100_000);
    expect(await written([log(line), log('next')])).toBe(`00:00:00.000 wheels | ${line}\n00:00:00.000 wheels | next\n`);
  });

  test('asks for time when more comes than the disk has taken, and goes on after', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pypackage-log-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = new LogFile(folder, '20261123-120455-7f3a', 'polls');
    const { hub: made } = hub();
    made.subscribe((event) => file.write(event));
    let count = 0;
    while (made.room() === undefined) made.publish(log(`line ${count++}`));
    expect(count).toBeGreaterThan(500);
    await made.room();
    made.publish(log('after'));
    await file.close();
    const lines = (await readFile(file.path, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(count + 1);
    expect(lines.at(-1)).toContain('after');
  });
});

describe('a run', () => {
  test('has an id that sorts by time', () => {
    expect(newRunId(new Date(Date.UTC(2026, 0, 2, 3, 4, 5)))).toMatch(/^20260102-030405-[0-9a-f]{4}$/);
  });

  test('needs the stages before those that are wanted', () => {
    expect(neededStages(['wheels'])).toEqual(['base', 'builder', 'wheels']);
    expect(neededStages(['release', 'base'])).toEqual(['base', 'builder', 'wheels', 'release']);
    expect(neededStages(['base'])).toEqual(['base']);
  });

  test.each([
    ['stage', 1],
    ['defect', 1],
    ['project', 2],
    ['engine', 3],
    ['lease', 5],
    ['cancelled', 130],
  ] as const)('that fails for %s ends with %i', (kind, code) => {
    expect(exitCodeOf({ kind })).toBe(code);
  });
});
