/** One run: from the base to the release, each stage only where it is stale. Says everything in events and never throws. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Engine } from '../engine/engine.js';
import { CancelledError, UserError, exitCodeOf, reportOf } from '../errors.js';
import { readNetwork } from '../network.js';
import { onePace, unlessAborted } from '../pace.js';
import type { RevisionMemory } from '../project/revision-memory.js';
import type { Redactor } from '../redactor.js';
import type { RunRequest } from '../request.js';
import type { EventBody, ReleaseSummary, RunFinished, RunStarted, StageName } from './events.js';
import { STAGES } from './events.js';
import { cacheFiles, exportFolder, readFacts, readLocalFacts } from './facts.js';
import type { Facts } from './facts.js';
import { explainFullDisk } from './full-disk.js';
import { EventHub } from './hub.js';
import type { EventReader } from './hub.js';
import { Inventory } from './inventory.js';
import { StaleFacts, TargetLease, runContainers } from './lease.js';
import { LogFile } from './log-file.js';
import { pythonOf } from './plan.js';
import { recordsFolder } from './record-files.js';
import { keepRemedy } from './remedy.js';
import { sweepAfterNothing } from './retention.js';
import { RunRecorder } from './run-record.js';
import { lockFile } from './stages/lock.js';
import { makeTemporary, sweepTemporary } from './temporary.js';
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
  readonly memory: RevisionMemory;
  /** Knows already what is secret in the request's environment. */
  readonly redactor: Redactor;
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
  const hub = new EventHub(id, request.target ?? '', surroundings.redactor);
  hub.subscribe(surroundings.onEvent);
  const recorder = new RunRecorder({ folder: recordsFolder(request.env), request, run: id, signal: surroundings.signal });
  hub.subscribe(recorder.event);
  const state: RunState = { changed: false, log: undefined, stage: 'base' };
  const finish = async (end: Omit<RunFinished, 'type' | 'ms' | 'changed'>, exitCode: number): Promise<RunOutcome> => {
    const why = await state.log?.whyIncomplete();
    if (why !== undefined) hub.publish({ type: 'log', stage: state.stage, stream: 'note', text: `the log ${state.log?.path} is not complete: ${why}` });
    hub.publish({ type: 'run.finished', ...end, changed: state.changed, ms: Math.round(performance.now() - started) });
    await Promise.all([state.log?.close(), recorder.settled()]);
    return { outcome: end.outcome, exitCode, changed: state.changed };
  };
  try {
    // The engine is asked while the folder is read; whoever fails first, both are waited for.
    const connecting = surroundings.connect();
    connecting.catch(() => undefined);
    const inventory = Inventory.when(connecting, surroundings.signal);
    const release = await runStages(request, surroundings, { id, hub, state, connecting, inventory });
    return await finish({ outcome: 'done', ...(release && { release }) }, 0);
  } catch (error) {
    if (error instanceof CancelledError || surroundings.signal.aborted) return finish({ outcome: 'cancelled' }, 130);
    const report = reportOf(explainFullDisk(error));
    return finish({ outcome: 'failed', error: report }, exitCodeOf(report));
  }
}

interface RunState {
  changed: boolean;
  log: LogFile | undefined;
  /** The last that was said to be worked on. */
  stage: StageName;
}

interface RunParts {
  readonly id: string;
  readonly hub: EventHub;
  readonly state: RunState;
  readonly connecting: Promise<Engine>;
  readonly inventory: Promise<Inventory>;
}

async function runStages(request: RunRequest, surroundings: RunSurroundings, parts: RunParts): Promise<ReleaseSummary | undefined> {
  const { cacheDir, signal } = surroundings;
  const { id, hub, state, connecting } = parts;
  const local = await readLocalFacts(request, surroundings.memory);
  const { root } = local.project;
  const network = await readNetwork(request.env, {
    folder: root,
    indexes: local.config.indexes,
    offline: request.offline ?? false,
    wheelhouse: exportFolder(local),
    redactor: surroundings.redactor,
  });
  hub.target = local.target;
  state.log = openLog(request.logDir, id, local.target);
  const { log } = state;
  if (log) hub.subscribe((event) => log.write(event));
  const gather = (inventory: Promise<Inventory>): Promise<Facts> =>
    readFacts({ local, memory: surroundings.memory, engine: connecting, inventory, cacheDir, signal });
  const listed = connecting.then((engine) => runContainers(engine, local, signal));
  listed.catch(() => undefined);
  let facts = await gather(parts.inventory);
  const engine = await connecting;
  const stages = neededStages(request.stages);
  hub.publish(headline(facts, engine, stages, state.log));
  for (const text of network.notes) hub.publish({ type: 'log', stage: stages[0] ?? 'base', stream: 'note', text });
  const onWait = (stage: StageName, text: string): void => hub.publish({ type: 'log', stage, stream: 'note', text });
  const lease = new TargetLease({ engine, facts: local, run: id, wait: request.wait ?? true, onWait, signal });
  const skipped = new Set<StageName>();
  const emit = (body: EventBody): void => {
    // After a wait the stages are looked at again: once is enough to be told.
    if (body.type === 'stage.skipped') {
      if (skipped.has(body.stage)) return;
      skipped.add(body.stage);
    }
    if ('stage' in body) state.stage = body.stage;
    hub.publish(body);
  };
  const temporary = await makeTemporary();
  const sweeping = sweepTemporary();
  const working = AbortSignal.any([signal, lease.lost]);
  const room = onePace(() => unlessAborted(hub.room(), working));
  try {
    for (;;) {
      const context = { engine, network, facts, run: id, cacheDir, pull: request.pull ?? false, temporary, emit, room, signal: working };
      const work = new Work(context, lease);
      try {
        if (request.verb === 'lock') {
          await work.lock(request.upgrade);
          return undefined;
        }
        const release = await work.upTo(stages, new Set(request.force ? request.stages : []));
        if (!work.changed) await sweepAfterNothing(engine, facts, listed, signal);
        else await keepRemedy(cacheFiles(cacheDir, local).remedy, undefined);
        return release;
      } catch (error) {
        if (error instanceof UserError && error.kind === 'stage') await keepRemedy(cacheFiles(cacheDir, local).remedy, error.remedy);
        if (!(error instanceof StaleFacts)) throw error;
        facts = await gather(Inventory.when(connecting, signal));
      } finally {
        state.changed ||= work.changed;
      }
    }
  } finally {
    await Promise.all([engine.settled(), lease.release(), rm(temporary, { recursive: true, force: true }), sweeping]);
  }
}

function headline({ project, ...facts }: Facts, { info }: Engine, stages: readonly StageName[], log: LogFile | undefined): RunStarted {
  return {
    type: 'run.started',
    project: { name: project.name, root: project.root, ...(project.version !== undefined && { version: project.version }) },
    python: pythonOf({ project, ...facts }).version,
    engine: `${info.product} ${info.version} (${info.endpoint.source})`,
    stages,
    facts: headlineFacts({ project, ...facts }),
    ...(log && { log: log.path }),
  };
}

/** The wanted stages and all that come before them. */
export function neededStages(wanted: readonly StageName[]): readonly StageName[] {
  const last = Math.max(...wanted.map((stage) => STAGES.indexOf(stage)));
  return STAGES.slice(0, last + 1);
}

function headlineFacts({ project, below, target }: Pick<Facts, 'project' | 'below' | 'target'>): readonly string[] {
  const lock = [lockFile(target), 'pylock.toml', 'uv.lock', 'poetry.lock', 'pdm.lock'].find((name) => project.lockFiles.includes(name));
  return [
    ...(below === undefined ? [] : [`the only project, in ${below}/`]),
    ...(project.dependencies ? [`${project.dependencies.length} ${project.dependencies.length === 1 ? 'requirement' : 'requirements'}`] : []),
    ...(lock === undefined ? [] : [`locked by ${lock}`]),
    // Silence would let people believe that their lock was used.
    ...(project.lockFiles.includes('Pipfile.lock') ? ['Pipfile.lock is not read: pip resolves'] : []),
  ];
}

function openLog(folder: string, run: string, target: string): LogFile | undefined {
  try {
    return new LogFile(folder, run, target);
  } catch {
    return undefined; // a log that cannot be written is no reason not to build
  }
}
