/** The log of a release over its lives: it is followed through restarts, and into the container that takes its place. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OnLine } from '../core.js';
import type { ContainerSummary, Engine } from '../engine/engine.js';
import { throwIfAborted, UserError } from '../errors.js';
import type { LocalFacts } from '../pipeline/facts.js';
import { findServices } from './service.js';

/** Between two looks for the next container. */
const LOOK_EVERY_MS = 500;
/** So many before it is said: a restart takes a moment. */
const QUIET_LOOKS = 4;

export interface FollowOptions {
  /** Lines of the past. Default: all. */
  readonly tail: number | undefined;
  readonly onLine: OnLine;
  readonly onNote: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Never resolves by itself: it ends with the signal, or with an error of the engine. */
export async function followReleases(engine: Engine, facts: LocalFacts, { tail, onLine, onNote, signal }: FollowOptions): Promise<void> {
  let last: Followed | undefined;
  for (;;) {
    const container = await nextOne(engine, facts, { isFirst: last === undefined, onNote, signal });
    const now: Followed = last?.id === container.id ? last : { id: container.id, time: undefined, startedAt: undefined };
    const { startedAt } = (await engine.inspectContainer(container.id, signal)) ?? {};
    if (now !== last && last) onNote(`${container.name} was started (${container.image})`);
    // It may run again before anybody saw that it had ended.
    else if (now.startedAt !== undefined && startedAt !== undefined && startedAt !== now.startedAt) onNote(`${container.name} was started again`);
    now.startedAt = startedAt;
    await readLog(engine, container.id, {
      follow: true,
      ...(now.time !== undefined && { after: now.time }),
      ...(!last && tail !== undefined && { tail }),
      onTime: (time) => {
        now.time = time;
      },
      onLine,
      signal,
    });
    throwIfAborted(signal);
    last = now;
    // A log that ends while its container runs was cut off, or the restart was quick: it is taken up where it was.
    const ended = await engine.inspectContainer(container.id, signal);
    if (ended?.state !== 'running')
      onNote(ended?.exitCode === undefined ? `${container.name} has ended` : `${container.name} has ended with exit code ${ended.exitCode}`);
  }
}

/** One that is being removed has no log any more, and that is no failure of whoever follows it. */
async function readLog(engine: Engine, id: string, options: Parameters<Engine['containerLogs']>[1]): Promise<void> {
  try {
    await engine.containerLogs(id, options);
  } catch (error) {
    const mayBeGone = error instanceof UserError && (error.code === 'container-missing' || error.code === 'engine-refused');
    if (!mayBeGone || (await engine.inspectContainer(id, options.signal))?.state === 'running') throw error;
  }
}

interface Followed {
  readonly id: string;
  /** Of the last line that was handed on, by the engine's clock. */
  time: string | undefined;
  /** When it was started, by the engine's clock. */
  startedAt: string | undefined;
}

async function nextOne(
  engine: Engine,
  facts: LocalFacts,
  { isFirst, onNote, signal }: Pick<FollowOptions, 'onNote' | 'signal'> & { readonly isFirst: boolean },
): Promise<ContainerSummary> {
  for (let looks = 0; ; looks++) {
    const found = await findServices(engine, facts, signal);
    // What has ended is worth reading once, by whoever comes then.
    const container = found.find(({ state }) => state === 'running') ?? (isFirst && looks === 0 ? found[0] : undefined);
    if (container) return container;
    if (isFirst && looks === 0) onNote(`No release of ${facts.project.name} is started: waiting for one`);
    else if (!isFirst && looks === QUIET_LOOKS) onNote('Waiting for the next start');
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
