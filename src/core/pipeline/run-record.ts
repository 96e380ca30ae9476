/**
 * What a run leaves to be remembered on this machine: one small file for a project's target, replaced by the next run. It is for
 * people and assistants that come later or sit in another window, and never a truth that planning relies on: that is on the
 * engine. So nothing here rejects, and what cannot be written or read is not there.
 */
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { type ErrorReport, FRONT_END_ENDS } from '../errors.js';
import { harmless, shortened } from '../harmless.js';
import { thisHolder } from '../holder.js';
import type { RunFront, RunRequest } from '../request.js';
import type { ReleaseSummary, RunEvent, StageName } from './events.js';
import { STAGES } from './events.js';
import { type RecordHolder, holderLives, recordFile, recordFilesOf } from './record-files.js';

export const RECORD_VERSION = 1;

export interface RecordedStage {
  readonly stage: StageName;
  readonly state: 'waiting' | 'running' | 'up to date' | 'done' | 'failed';
  /** The reason while it runs, the summary afterwards. */
  readonly text: string;
}

export interface RecordedRelease {
  readonly name: string;
  readonly version: string;
  readonly image: string;
  readonly tags: readonly string[];
  /** Bytes. */
  readonly size: number;
}

export interface RunRecord extends RecordHolder {
  readonly v: typeof RECORD_VERSION;
  readonly run: string;
  readonly verb: RunRequest['verb'];
  readonly by: RunFront;
  /** Absolute, where the project really is. */
  readonly root: string;
  readonly target: string;
  readonly name: string;
  readonly version?: string;
  readonly python?: string;
  readonly engine?: string;
  /** `interrupted`: whoever showed it went away. One that is `running` whose holder is dead was interrupted, too. */
  readonly state: 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';
  /** These and the next: milliseconds since 1970. */
  readonly startedAt: number;
  readonly stageStartedAt?: number;
  readonly endedAt?: number;
  /** How long it took, by a clock that nobody sets. */
  readonly ms?: number;
  readonly changed: boolean;
  readonly stages: readonly RecordedStage[];
  /** At work, or the one that failed. */
  readonly stage?: StageName;
  readonly log?: string;
  /** Without stacks: the log has them. */
  readonly error?: ErrorReport;
  /** What this run made, or an earlier one. */
  readonly release?: RecordedRelease;
  /** Whoever showed it goes away, and it is being cancelled for that: there may be no time to write how it ended. */
  readonly closing?: true;
  /** A person was told of the interruption. */
  readonly told?: true;
}

/** Bytes. A record has at most a tenth of it. */
const LARGEST = 256 * 1024;
const LONGEST_TEXT = 2000;
const MOST_ITEMS = 50;
const MOST_RECORDS = 200;

const text = z.string();
const stage = z.enum(STAGES);
const schema = z.object({
  v: z.literal(RECORD_VERSION),
  run: text,
  verb: z.enum(['all', 'image', 'wheels', 'release', 'lock']),
  by: z.enum(['editor', 'command line']),
  holder: z.exactOptional(text),
  pid: z.number(),
  writtenAt: z.number(),
  root: text,
  target: text,
  name: text,
  version: z.exactOptional(text),
  python: z.exactOptional(text),
  engine: z.exactOptional(text),
  state: z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted']),
  startedAt: z.number(),
  stageStartedAt: z.exactOptional(z.number()),
  endedAt: z.exactOptional(z.number()),
  ms: z.exactOptional(z.number()),
  changed: z.boolean(),
  stages: z.array(z.object({ stage, state: z.enum(['waiting', 'running', 'up to date', 'done', 'failed']), text })),
  stage: z.exactOptional(stage),
  log: z.exactOptional(text),
  error: z.exactOptional(
    z.object({
      kind: z.enum(['stage', 'project', 'engine', 'lease', 'defect', 'cancelled']),
      code: text,
      message: text,
      where: z.exactOptional(z.object({ file: text, line: z.exactOptional(z.number()), column: z.exactOptional(z.number()) })),
      why: z.exactOptional(text),
      fix: z.exactOptional(text),
      remedy: z.exactOptional(z.object({ kind: z.literal('system-packages'), use: z.enum(['build', 'run']), packages: z.array(text) })),
    }),
  ),
  release: z.exactOptional(z.object({ name: text, version: text, image: text, tags: z.array(text), size: z.number() })),
  closing: z.exactOptional(z.literal(true)),
  told: z.exactOptional(z.literal(true)),
});

/** undefined: there is none, or one of another version. */
export async function readRecord(file: string): Promise<RunRecord | undefined> {
  try {
    if ((await stat(file)).size > LARGEST) return undefined;
    const parsed = z.safeParse(schema, JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Of every target of a project, the newest first. @param root where it really is */
export async function readRecords(folder: string, root: string): Promise<readonly RunRecord[]> {
  const records = await Promise.all((await recordFilesOf(folder, root)).map(readRecord));
  return records.filter((record): record is RunRecord => record?.root === root).sort((a, b) => b.startedAt - a.startedAt);
}

/** What became of the run. `running` also where that cannot be told from here. */
export function stateOfRecord(record: RunRecord): RunRecord['state'] {
  return record.state === 'running' && holderLives(record) === false ? 'interrupted' : record.state;
}

/** A person was told that the run was interrupted, so nobody tells it again. */
export async function markTold(folder: string, record: RunRecord): Promise<void> {
  const file = recordFile(folder, record.root, record.target);
  // A run that began meanwhile has a record of its own there.
  if ((await readRecord(file))?.run === record.run) await write(file, { ...record, state: 'interrupted', told: true });
}

export interface RecorderOptions {
  readonly folder: string;
  readonly request: Pick<RunRequest, 'folder' | 'verb' | 'by'>;
  readonly run: string;
  readonly signal: AbortSignal;
  readonly now?: () => number;
}

/**
 * Writes the record of one run from its events, which are without secrets: when the first stage begins, when the next one does,
 * and at the end. A run that waits for another one leaves that one's record alone.
 */
export class RunRecorder {
  private readonly startedAt: number;
  private record: RunRecord | undefined;
  private hasBegun = false;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: RecorderOptions) {
    this.startedAt = this.now();
    options.signal.addEventListener('abort', () => this.noteClosing(), { once: true });
  }

  /** A reader of the run's events. */
  readonly event = (event: RunEvent): void => {
    switch (event.type) {
      case 'run.started':
        this.record = {
          ...this.first(event.target),
          root: event.project.root,
          name: event.project.name,
          ...(event.project.version !== undefined && { version: event.project.version }),
          python: event.python,
          engine: event.engine,
          stages: event.stages.map((stage) => ({ stage, state: 'waiting', text: '' })),
          ...(event.log !== undefined && { log: event.log }),
        };
        return;
      case 'stage.started':
        this.put({ stage: event.stage, state: 'running', text: event.reason }, { stage: event.stage, stageStartedAt: this.now() });
        this.hasBegun = true;
        this.save();
        return;
      case 'stage.skipped':
        this.put({ stage: event.stage, state: 'up to date', text: event.reason });
        return;
      case 'stage.finished':
        this.put({ stage: event.stage, state: 'done', text: [event.summary, event.detail].filter((part) => part !== '').join(' · ') });
        return;
      case 'stage.failed':
        this.put({ stage: event.stage, state: 'failed', text: event.error.message }, { stage: event.stage, error: remembered(event.error) });
        return;
      case 'run.finished': {
        const { outcome, changed, ms, release, error } = event;
        const isInterrupted = outcome === 'cancelled' && this.options.signal.reason === FRONT_END_ENDS;
        this.record = {
          ...(this.record ?? this.first(event.target)),
          state: isInterrupted ? 'interrupted' : outcome,
          changed,
          ms,
          endedAt: this.now(),
          ...(release && { release: releaseOf(release) }),
          ...(error && { error: remembered(error) }),
        };
        this.save();
        return;
      }
      case 'step':
      case 'log':
      case 'progress':
      case 'artifact':
        return;
      default:
        event satisfies never;
    }
  };

  /** Resolves when what was said so far is written. */
  settled(): Promise<void> {
    return this.writing;
  }

  private noteClosing(): void {
    if (!this.record || !this.hasBegun || this.record.state !== 'running' || this.options.signal.reason !== FRONT_END_ENDS) return;
    this.record = { ...this.record, closing: true, ms: this.now() - this.startedAt };
    this.save();
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private first(target: string): RunRecord {
    const { request, run } = this.options;
    const holder = thisHolder();
    return {
      v: RECORD_VERSION,
      run,
      verb: request.verb,
      by: request.by ?? 'command line',
      ...(holder !== undefined && { holder }),
      pid: process.pid,
      writtenAt: this.startedAt,
      root: whereItIs(request.folder),
      target,
      name: target,
      state: 'running',
      startedAt: this.startedAt,
      changed: false,
      stages: [],
    };
  }

  private put(row: RecordedStage, more: Partial<RunRecord> = {}): void {
    if (!this.record) return;
    const short = { ...row, text: plain(row.text) };
    this.record = { ...this.record, ...more, stages: this.record.stages.map((known) => (known.stage === row.stage ? short : known)) };
  }

  private save(): void {
    if (!this.record) return;
    const record = { ...this.record, writtenAt: this.now() };
    this.writing = this.writing.then(() => this.write(record));
  }

  private async write(record: RunRecord): Promise<void> {
    const { folder } = this.options;
    const file = recordFile(folder, record.root, record.target);
    const before = await readRecord(file);
    const isOthers = before !== undefined && before.run !== record.run && before.state === 'running' && holderLives(before) !== false;
    if (!this.hasBegun && isOthers) return;
    const release = record.release ?? before?.release;
    await write(file, { ...record, ...(release && { release }) });
    if (record.state === 'running') return;
    // Of a run that failed before its target was known.
    if (record.target !== '') await rm(recordFile(folder, record.root, ''), { force: true }).catch(() => undefined);
    await prune(folder);
  }
}

async function write(file: string, record: RunRecord): Promise<void> {
  const made = `${file}.${process.pid}.new`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(made, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    await rename(made, file);
  } catch {
    // A folder that cannot be written, or a full disk: nothing of the run depends on it.
    await rm(made, { force: true }).catch(() => undefined);
  }
}

/** Projects come and go: the oldest records do, too. */
async function prune(folder: string): Promise<void> {
  try {
    const names = await readdir(folder);
    if (names.length <= MOST_RECORDS) return;
    const files = await Promise.all(names.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })));
    for (const { path } of files.sort((a, b) => b.at - a.at).slice(MOST_RECORDS)) await rm(path, { force: true });
  } catch {
    // another process is at it
  }
}

function remembered({ detail: _detail, ...error }: ErrorReport): ErrorReport {
  return {
    ...error,
    message: plain(error.message),
    ...(error.why !== undefined && { why: shortened(error.why, LONGEST_TEXT) }),
    ...(error.fix !== undefined && { fix: shortened(error.fix, LONGEST_TEXT) }),
    ...(error.remedy?.kind === 'system-packages' && { remedy: { ...error.remedy, packages: error.remedy.packages.slice(0, MOST_ITEMS) } }),
  };
}

function releaseOf({ name, version, image, tags, size }: ReleaseSummary): RecordedRelease {
  return { name, version, image, tags: tags.slice(0, MOST_ITEMS), size };
}

const plain = (text: string): string => shortened(harmless(text), LONGEST_TEXT);

function whereItIs(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
