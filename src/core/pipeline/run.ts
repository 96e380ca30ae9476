/** One run: from the base to the release, each stage only where it is stale. Says everything in events and never throws. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../engine/engine.js';
import { CancelledError, reportOf } from '../errors.js';
import type { ErrorReport } from '../errors.js';
import { readNetwork, redact } from '../network.js';
import type { RunRequest } from '../request.js';
import type { EventBody, StageName } from './events.js';
import { STAGES } from './events.js';
import { readFacts, readLocalFacts } from './facts.js';
import type { LocalFacts } from './facts.js';
import { EventHub } from './hub.js';
import type { EventReader } from './hub.js';
import { LogFile } from './log-file.js';
import { lookAtBase } from './plan.js';
import { Work } from './work.js';

export interface RunOutcome {
  readonly outcome: 'done' | 'failed' | 'cancelled';
  /** The exit code that the command line ends with. */
  readonly exitCode: number;
  readonly changed: boolean;
}

export interface RunSurroundings {
  /** Begins to connect, or hands out what is connected. */
  readonly connect: () => Promise<Engine>;
  readonly cacheDir: string;
  readonly onEvent: EventReader;
  readonly signal: AbortSignal;
}

/** `20261123-120455-7f3a` */
export function newRunId(now: Date = new Date()): string {
  const [date = '', time = ''] = now.toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${randomBytes(2).toString('hex')}`;
}

export async function run(request: RunRequest, surroundings: RunSurroundings): Promise<RunOutcome> {
  const started = performance.now();
  const id = newRunId();
  const network = await readNetwork(request.env);
  const hub = new EventHub(id, request.target ?? '', (text) => redact(text, network));
  hub.subscribe(surroundings.onEvent);
  let log: LogFile | undefined;
  let work: Work | undefined;
  const finish = async (end: Omit<Extract<EventBody, { type: 'run.finished' }>, 'type' | 'ms'>, exitCode: number): Promise<RunOutcome> => {
    hub.publish({ type: 'run.finished', ...end, ms: Math.round(performance.now() - started) });
    await log?.close();
    return { outcome: end.outcome, exitCode, changed: end.changed };
  };
  try {
    // Connecting and reading the folder go side by side; whoever fails first, both are waited for.
    const engine = surroundings.connect();
    engine.catch(() => undefined);
    const local = await readLocalFacts(request);
    hub.target = local.target;
    log = openLog(request.logDir, id, local.target);
    if (log) hub.subscribe((event) => log?.write(event));
    const facts = await readFacts({ local, engine, cacheDir: surroundings.cacheDir, signal: surroundings.signal });
    const ready = await engine;
    hub.publish({
      type: 'run.started',
      project: { name: local.project.name, root: local.project.root, ...(local.project.version !== undefined && { version: local.project.version }) },
      python: lookAtBase(facts)?.found?.facts.python ?? local.project.python.version,
      engine: `${ready.info.product} ${ready.info.version} (${ready.info.endpoint.source})`,
      stages: neededStages(request.stages),
      facts: headlineFacts(local),
      ...(log && { log: log.path }),
    });
    const temporary = await mkdtemp(join(tmpdir(), 'pypackage-'));
    try {
      work = new Work({
        engine: ready,
        network,
        facts,
        run: id,
        cacheDir: surroundings.cacheDir,
        pull: request.pull ?? false,
        temporary,
        emit: (body) => hub.publish(body),
        signal: surroundings.signal,
      });
      const release = await work.upTo(neededStages(request.stages), new Set(request.force ? request.stages : []));
      return await finish({ outcome: 'done', changed: work.changed, ...(release && { release }) }, 0);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  } catch (error) {
    const changed = work?.changed ?? false;
    if (error instanceof CancelledError || surroundings.signal.aborted) return finish({ outcome: 'cancelled', changed }, 130);
    const report = reportOf(error);
    return finish({ outcome: 'failed', changed, error: report }, exitCodeOf(report));
  }
}

/** 1 a stage failed, 2 usage, configuration or project, 3 engine, 5 lease. */
export function exitCodeOf(report: ErrorReport): number {
  switch (report.kind) {
    case 'stage':
    case 'defect':
      return 1;
    case 'project':
      return 2;
    case 'engine':
      return 3;
    case 'lease':
      return 5;
    case 'cancelled':
      return 130;
  }
}

/** The wanted stages and all that come before them. */
export function neededStages(wanted: readonly StageName[]): readonly StageName[] {
  const last = Math.max(...wanted.map((stage) => STAGES.indexOf(stage)));
  return STAGES.slice(0, last + 1);
}

function headlineFacts({ project }: LocalFacts): readonly string[] {
  const unread = project.lockFiles.filter((file) => /^(uv|poetry|pdm|Pipfile)\b.*lock$|^pylock/.test(file));
  return [
    ...(project.dependencies ? [`${project.dependencies.length} ${project.dependencies.length === 1 ? 'requirement' : 'requirements'}`] : []),
    // Silence would let people believe that their lock was used.
    ...unread.map((file) => `${file} is not read yet: pip resolves`),
  ];
}

function openLog(folder: string, run: string, target: string): LogFile | undefined {
  try {
    return new LogFile(folder, run, target);
  } catch {
    return undefined; // a log that cannot be written is no reason not to build
  }
}
