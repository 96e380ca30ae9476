/**
 * The complete log of a run: every event as a line of text, in a file of its own. It never drops anything. What containers print can be
 * had again from it, byte for byte: docs/logs.md says how.
 */
import { closeSync, mkdirSync, openSync, write } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { encodeText, holdsBytes } from '../bytes.js';
import { messageOf } from '../errors.js';
import type { ErrorReport } from '../errors.js';
import type { Log, RunEvent } from './events.js';

/** Run ids look like `20261123-120455-7f3a`; files like `20261123-120455-polls-7f3a.log`, which sort by time. */
export function logFileName(run: string, target: string): string {
  const at = run.lastIndexOf('-');
  return `${run.slice(0, at)}-${target.replaceAll(/[^\w.-]+/g, '-')}${run.slice(at)}.log`;
}

/** Characters. Lines that come together are written together, and whoever writes more than that at a time is asked to wait. */
const BLOCK = 64 * 1024;

const writeTo = promisify(write);
const ENCODER = new TextEncoder();

export class LogFile {
  readonly path: string;
  /** Used again and again: a buffer for each write would be collected only once there are many. */
  private readonly block = Buffer.allocUnsafeSlow(2 * BLOCK);
  private readonly file: number;
  /** Whether the stage that failed has said why. */
  private hasTold = false;
  private gathered = '';
  private writing: Promise<void> | undefined;
  private problem: unknown;

  /** @throws when the file cannot be made */
  constructor(folder: string, run: string, target: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = join(folder, logFileName(run, target));
    this.file = openSync(this.path, 'w', 0o600);
  }

  /** undefined while the disk keeps up; else what settles when there is room again. */
  write(event: RunEvent): Promise<void> | undefined {
    const line = lineOf(event, this.hasTold);
    if (event.type === 'stage.failed') this.hasTold = true;
    if (line === undefined) return undefined;
    this.gathered += `${clock(event.time)} ${line}\n`;
    this.writing ??= this.writeGathered();
    return this.gathered.length < BLOCK ? undefined : this.writing;
  }

  /** Why something of what was written so far is missing; undefined when nothing is. */
  async whyIncomplete(): Promise<string | undefined> {
    await this.writing;
    return this.problem === undefined ? undefined : messageOf(this.problem);
  }

  async close(): Promise<void> {
    await this.writing;
    closeSync(this.file);
  }

  private async writeGathered(): Promise<void> {
    await nextTurn();
    while (this.gathered !== '') {
      const text = this.gathered;
      this.gathered = '';
      // A full disk must not end the run that is being logged: what does not fit is missing.
      await this.writeText(text).catch((error: unknown) => (this.problem ??= error));
    }
    this.writing = undefined;
  }

  private async writeText(text: string): Promise<void> {
    if (holdsBytes(text)) return this.writeBytes(encodeText(text));
    for (let at = 0; at < text.length;) {
      const { read, written } = ENCODER.encodeInto(at === 0 ? text : text.slice(at), this.block);
      at += read;
      await this.writeBytes(this.block.subarray(0, written));
    }
  }

  private async writeBytes(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length;) start += (await writeTo(this.file, bytes, start, bytes.length - start)).bytesWritten;
  }
}

const clock = (time: string): string => time.slice(11, 23);

function lineOf(event: RunEvent, hasTold: boolean): string | undefined {
  switch (event.type) {
    case 'run.started':
      return `run ${event.run}: ${event.project.name} in ${event.project.root}, Python ${event.python}, ${event.engine}`;
    case 'stage.started':
      return `${event.stage}: started: ${event.reason}`;
    case 'stage.skipped':
      return `${event.stage}: ${event.reason}`;
    case 'stage.finished':
      return `${event.stage}: ${event.summary} in ${event.ms} ms${event.detail ? `: ${event.detail}` : ''}`;
    case 'stage.failed':
      return withWhy(`${event.stage}: failed: `, event.error, event.time);
    case 'step':
      return `${event.stage} | ${event.name}: ${event.state}${event.ms === undefined ? '' : ` (${Math.round(event.ms)} ms)`}`;
    case 'log':
      return printed(event);
    case 'artifact':
      return `${event.stage}: made ${event.kind} ${event.name}${event.digest === undefined ? '' : ` ${event.digest}`}`;
    case 'progress':
      return undefined;
    case 'run.finished':
      if (!event.error) return `run ${event.outcome} in ${event.ms} ms`;
      return hasTold
        ? `run ${event.outcome} in ${event.ms} ms: ${event.error.message}`
        : withWhy(`run ${event.outcome} in ${event.ms} ms: `, event.error, event.time);
  }
}

/** All that a person is told, and of a defect its stack; of what can be acted on, what caused it. */
function withWhy(head: string, { kind, message, where, why, fix, detail }: ErrorReport, time: string): string {
  const place = where && [where.file, where.line, where.column].filter((part) => part !== undefined).join(':');
  const next = (name: string, text: string | undefined): readonly string[] =>
    text === undefined ? [] : [`${clock(time)} ${name} ${text.replaceAll('\n', ' ')}`];
  const cause = kind === 'defect' ? detail : detail?.split('\ncaused by: ').slice(1).join('\ncaused by: ');
  return [head + message, ...next('where', place), ...next('why', why), ...next('fix', fix), ...(cause === undefined || cause === '' ? [] : [cause])].join(
    '\n',
  );
}

/** By the stream. */
const BARS: Readonly<Record<Log['stream'], string>> = { stdout: '|', stderr: '!', note: '*' };
/** What stands behind the bar when the line did not end with a newline. As in a shell, a line that ends with nothing goes on. */
const ENDS: Readonly<Record<Exclude<Log['end'], undefined>, string>> = { '': '\\', '\r': '\\r', '\r\n': '\\r\\n' };

/** An editor begins a line after a carriage return too: none may pass for a line of ours, and each state of a bar can be read. */
function printed({ stage, stream, text, end, time }: Log & Pick<RunEvent, 'time'>): string {
  const head = `${stage} ${BARS[stream]}`;
  const last = end === undefined ? ' ' : `${ENDS[end]} `;
  if (!text.includes('\r')) return head + last + text;
  const states = text.split('\r');
  const next = `\n${clock(time)} ${head}`;
  return head + states.map((state, at) => (at === states.length - 1 ? last : `${ENDS['\r']} `) + state).join(next);
}
