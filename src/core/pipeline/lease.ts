/** One run at a time for each target, across windows and machines: whoever has the lease on the engine works. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerSummary, Engine } from '../engine/engine.js';
import type { Lease } from '../engine/lease.js';
import { LABEL } from '../engine/labels.js';
import type { Labels } from '../engine/labels.js';
import { CancelledError, UserError, throwIfAborted } from '../errors.js';
import { formatAgo } from '../format.js';
import { hasEnded, lives, thisHolder } from '../holder.js';
import type { RunningRun } from '../request.js';
import type { StageName } from './events.js';
import type { LocalFacts } from './facts.js';

/** What names a target on an engine. */
export type TargetName = Pick<LocalFacts, 'projectId' | 'target'>;

/** Another run worked meanwhile: what was planned from is no longer so. */
export class StaleFacts extends Error {
  override readonly name = 'StaleFacts';
}

export interface LeaseQuestion {
  readonly engine: Engine;
  readonly facts: TargetName;
  readonly run: string;
  /** Whether another run is waited for. */
  readonly wait: boolean;
  /** Tells who is waited for, once. */
  readonly onWait: (stage: StageName, text: string) => void;
  readonly signal: AbortSignal;
}

const ASK_EVERY_MS = 200;
const JUST_ENDED_TRIES = 8;
/**
 * A lease is started some seconds after it is taken (engine/dockerode/lease.ts); one that is seen unstarted for longer has lost its
 * holder, where that is not known sooner. By the watcher's own clock: the engine's may be another.
 */
const LOST_AFTER_MS = 8_000;

export function leaseName({ projectId, target }: TargetName): string {
  return `pypackage-lease-${projectId}-${target}`;
}

export class TargetLease {
  private lease: Lease | undefined;
  private readonly losing = new AbortController();

  constructor(private readonly question: LeaseQuestion) {}

  /** Aborts when the lease is gone before it was released: another run may work now, so this one must not. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** @throws StaleFacts when it had to wait; UserError `lease-held` when it may not */
  async take(image: string, stage: StageName): Promise<void> {
    if (this.lease) return;
    const { engine, facts, run, wait, onWait, signal } = this.question;
    let waited = false;
    const watch = new LeaseWatch();
    for (;;) {
      throwIfAborted(signal);
      const answer = await engine.takeLease({ name: leaseName(facts), image, labels: leaseLabels(facts, run), signal });
      if ('held' in answer) {
        this.hold(answer);
        break;
      }
      const isLost = watch.isLost(answer);
      if (isLost) await engine.removeContainer(answer.id);
      else if (!wait) throw heldBy(facts, answer, 'Wait for its end, or leave out --no-wait to have this one wait');
      else if (!waited) onWait(stage, `waiting for ${describe(answer)}, which works on ${facts.target}`);
      waited = true;
      if (!isLost) await pause(signal);
    }
    await sweep(engine, facts, run);
    if (waited) throw new StaleFacts();
  }

  /** What ended the work: that the lease is gone, where it is, whatever else followed from that. */
  async explain(error: unknown): Promise<unknown> {
    const { engine, facts, signal } = this.question;
    if (!this.lease || signal.aborted) return error;
    if (this.lost.aborted) return leaseLost(facts);
    try {
      // It may have gone a moment ago. Where nobody else has it the engine was restarted, say, and the error tells more.
      if (await this.lease.isHeld()) return error;
      return (await engine.inspectContainer(leaseName(facts), signal)) ? leaseLost(facts) : error;
    } catch {
      return error;
    }
  }

  async release(): Promise<void> {
    const { engine, facts, run, signal } = this.question;
    // What a run that died asked for with its last breath may have come after the first sweep.
    if (this.lease && !this.lost.aborted && !signal.aborted) await sweep(engine, facts, run).catch(() => undefined);
    await this.lease?.release();
  }

  private hold(lease: Lease): void {
    this.lease = lease;
    lease.lost.addEventListener('abort', () => this.losing.abort());
  }
}

/** Tells a lease whose holder died before it was started from one that is still to be started. */
class LeaseWatch {
  private seen: { readonly id: string; readonly since: number } | undefined;

  isLost({ id, state, labels }: ContainerSummary): boolean {
    if (state !== 'created') return false;
    if (hasEnded(labels[LABEL.holder])) return true;
    if (this.seen?.id !== id) this.seen = { id, since: performance.now() };
    return performance.now() - this.seen.since > LOST_AFTER_MS;
  }
}

/**
 * Who works on the target now, or undefined. One that was never started is watched until it is clear what became of its holder,
 * unless that would take too long.
 */
export async function leaseHolder(engine: Engine, facts: TargetName, signal: AbortSignal, isPatient = true): Promise<ContainerSummary | undefined> {
  const watch = new LeaseWatch();
  for (;;) {
    const holder = await engine.inspectContainer(leaseName(facts), signal);
    if (!holder || holder.state === 'running' || holder.state === 'paused') return holder;
    if (holder.state !== 'created') return undefined;
    if (watch.isLost(holder)) {
      await engine.removeContainer(holder.id);
      return undefined;
    }
    if (!isPatient) return holder;
    await pause(signal);
  }
}

/** Who works on the target now, for telling it: nothing is waited for, and nothing removed. */
export async function runAtWork(engine: Engine, facts: TargetName, signal: AbortSignal): Promise<RunningRun | undefined> {
  const holder = await engine.inspectContainer(leaseName(facts), signal);
  if (!holder || !['created', 'running', 'paused'].includes(holder.state)) return undefined;
  const isHere = lives(holder.labels[LABEL.holder]);
  if (isHere === false) return undefined;
  return {
    run: holder.labels[LABEL.run] ?? '',
    startedAt: holder.created,
    where: isHere === true ? 'this machine' : 'another machine',
  };
}

/** @throws UserError `lease-held` while a run works on the target: what it builds on must not go */
export async function refuseWhileHeld(engine: Engine, facts: TargetName, signal: AbortSignal): Promise<void> {
  // A run that has just ended holds it a moment longer.
  for (let tries = 0; ; tries++) {
    const holder = await leaseHolder(engine, facts, signal);
    if (!holder) return;
    if (tries === JUST_ENDED_TRIES) throw heldBy(facts, holder, 'Wait for its end, then clean');
    await pause(signal);
  }
}

/** Removes what dead runs have left. To be called with the lease. Returns what went. */
export async function sweep(engine: Engine, facts: TargetName, run: string): Promise<readonly ContainerSummary[]> {
  const [listed] = await Promise.all([runContainers(engine, facts), sweepImages(engine, facts, run)]);
  return removeAll(
    engine,
    listed.filter(({ labels }) => labels[LABEL.kind] === 'job' && labels[LABEL.run] !== run),
  );
}

/**
 * The same without the lease: nothing goes while a run works. What was there before nobody had the lease belongs to no run,
 * whoever takes it now. `isPatient`: see `leaseHolder`.
 * @param listed from `runContainers`
 */
export async function sweepUnheld(
  engine: Engine,
  facts: TargetName,
  listed: readonly ContainerSummary[],
  { signal, isPatient }: { readonly signal: AbortSignal; readonly isPatient: boolean },
): Promise<readonly ContainerSummary[] | 'held'> {
  if (await leaseHolder(engine, facts, signal, isPatient)) return 'held';
  return removeAll(
    engine,
    listed.filter(({ labels }) => labels[LABEL.kind] === 'job'),
  );
}

/** What is kept of a step that ran in a container, where the engine has no BuildKit (engine/dockerode/podman-build.ts): it carries the container's labels. */
async function sweepImages(engine: Engine, facts: TargetName, run: string): Promise<void> {
  if (engine.info.buildkit) return;
  const kept = await engine.findImages({ [LABEL.kind]: 'job', [LABEL.run]: null, [LABEL.project]: facts.projectId, [LABEL.target]: facts.target });
  const left = kept.filter(({ labels, tags }) => labels[LABEL.run] !== run && tags.length === 0);
  // One that a container still uses goes the next time.
  for (const { id } of left) await engine.removeImage(id).catch(() => undefined);
}

/** Jobs and the lease. */
export function runContainers(engine: Engine, facts: TargetName, signal?: AbortSignal): Promise<readonly ContainerSummary[]> {
  return engine.findContainers({ [LABEL.kind]: null, [LABEL.run]: null, [LABEL.project]: facts.projectId, [LABEL.target]: facts.target }, signal);
}

async function removeAll(engine: Engine, containers: readonly ContainerSummary[]): Promise<readonly ContainerSummary[]> {
  await Promise.all(containers.map((container) => engine.removeContainer(container.id)));
  return containers;
}

function leaseLabels(facts: TargetName, run: string): Labels {
  const holder = thisHolder();
  return {
    [LABEL.kind]: 'lease',
    [LABEL.run]: run,
    [LABEL.project]: facts.projectId,
    [LABEL.target]: facts.target,
    ...(holder !== undefined && { [LABEL.holder]: holder }),
  };
}

function describe(holder: ContainerSummary): string {
  return `run ${holder.labels[LABEL.run] ?? 'of another version'} (started ${formatAgo(holder.created, Date.now())})`;
}

function heldBy(facts: TargetName, holder: ContainerSummary, fix: string): UserError {
  return new UserError({
    kind: 'lease',
    code: 'lease-held',
    message: `Another run works on ${facts.target}: ${describe(holder)}`,
    fix,
  });
}

function leaseLost(facts: TargetName): UserError {
  return new UserError({
    kind: 'lease',
    code: 'lease-lost',
    message: `This run has lost its lease on ${facts.target}, so it stopped`,
    why: 'It slept or was cut off for a while, and another run took over, or somebody removed the container that is the lease',
    fix: 'Run it again: what was made stays',
  });
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => {
    throw new CancelledError();
  });
}
