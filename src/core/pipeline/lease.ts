/** One run at a time for each target, across windows and machines: whoever has the lease on the engine works. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerSummary, Engine, Lease } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import type { Labels } from '../engine/labels.js';
import { CancelledError, UserError, throwIfAborted } from '../errors.js';
import { formatAgo } from '../format.js';
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
 * holder. By the watcher's own clock: the engine's may be another.
 */
const LOST_AFTER_MS = 8_000;

export function leaseName({ projectId, target }: TargetName): string {
  return `pypackage-lease-${projectId}-${target}`;
}

export class TargetLease {
  private lease: Lease | undefined;

  constructor(private readonly question: LeaseQuestion) {}

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
        this.lease = answer;
        break;
      }
      if (!wait) throw heldBy(facts, answer, 'Wait for its end, or leave out --no-wait to have this one wait');
      if (watch.isLost(answer)) await engine.removeContainer(answer.id);
      else if (!waited) onWait(stage, `waiting for ${describe(answer)}, which works on ${facts.target}`);
      waited = true;
      await pause(signal);
    }
    await sweep(engine, facts, run);
    if (waited) throw new StaleFacts();
  }

  async release(): Promise<void> {
    await this.lease?.release();
  }
}

/** Tells a lease whose holder died before it was started from one that is still to be started. */
class LeaseWatch {
  private seen: { readonly id: string; readonly since: number } | undefined;

  isLost({ id, state }: ContainerSummary): boolean {
    if (state !== 'created') return false;
    if (this.seen?.id !== id) this.seen = { id, since: performance.now() };
    return performance.now() - this.seen.since > LOST_AFTER_MS;
  }
}

/** Who works on the target now, or undefined. One that was never started is watched until it is clear what became of its holder. */
export async function leaseHolder(engine: Engine, facts: TargetName, signal: AbortSignal): Promise<ContainerSummary | undefined> {
  const watch = new LeaseWatch();
  for (;;) {
    const holder = await engine.inspectContainer(leaseName(facts), signal);
    if (!holder || holder.state === 'running') return holder;
    if (holder.state !== 'created') return undefined;
    if (watch.isLost(holder)) {
      await engine.removeContainer(holder.id);
      return undefined;
    }
    await pause(signal);
  }
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

/** Removes what runs without a lease have left. To be called with the lease, or when nobody has it. Returns what went. */
export async function sweep(engine: Engine, facts: TargetName, run: string | undefined): Promise<readonly ContainerSummary[]> {
  const jobs = await engine.findContainers({ [LABEL.kind]: 'job', [LABEL.project]: facts.projectId, [LABEL.target]: facts.target, [LABEL.run]: null });
  const dead = jobs.filter((job) => job.labels[LABEL.run] !== run);
  await Promise.all(dead.map((job) => engine.removeContainer(job.id)));
  return dead;
}

function leaseLabels(facts: TargetName, run: string): Labels {
  return { [LABEL.kind]: 'lease', [LABEL.run]: run, [LABEL.project]: facts.projectId, [LABEL.target]: facts.target };
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

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => {
    throw new CancelledError();
  });
}
