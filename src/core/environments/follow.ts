/** The log of a container over its lives: it is followed through restarts, its own and the engine's, and into the container that takes its place. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OnLine } from '../core.js';
import type { ContainerSummary, Engine, LogPlace } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import { throwIfAborted, UserError } from '../errors.js';
import { ownContainer } from '../objects/own-container.js';
import type { LocalFacts } from '../pipeline/facts.js';
import { findServices } from './service.js';

/** Between two looks for the next container. */
const LOOK_EVERY_MS = 500;
/** So many before it is said: a restart takes a moment. */
const QUIET_LOOKS = 4;
/** Of an engine that went away. */
const TRY_AGAIN_MS = 1_500;

export interface FollowOptions {
  /** Lines of the past. Default: all. */
  readonly tail: number | undefined;
  readonly onLine: OnLine;
  readonly onNote: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Asked for again when the engine went away: a tunnel that ended does not come back. */
type Connect = () => Promise<Engine>;

/** Whose log it is. */
interface Line {
  /** Those that it may go on with, the likeliest first. */
  readonly find: (engine: Engine) => Promise<readonly ContainerSummary[]>;
  /** Said once where none is there at first. */
  readonly none: string;
  /** Whether another one comes in place of the last. */
  readonly hasNext: boolean;
}

/** Never resolves by itself: it ends with the signal, or with an error. */
export function followReleases(connect: Connect, facts: LocalFacts, options: FollowOptions): Promise<void> {
  const none = `No release of ${facts.project.name} is started: waiting for one`;
  return follow(connect, { find: (engine) => findServices(engine, facts, options.signal), none, hasNext: true }, options);
}

/** One of ours, and what comes in its place where it is a started release; resolves once it is removed where nothing does. */
export async function followContainer(connect: Connect, container: string, options: FollowOptions): Promise<void> {
  const { signal } = options;
  const { id, name, labels } = await ownContainer(await connect(), container, signal);
  const { [LABEL.kind]: kind, [LABEL.project]: project, [LABEL.target]: target } = labels;
  const likewise = kind === 'service' &&
    project !== undefined &&
    target !== undefined && { [LABEL.kind]: kind, [LABEL.project]: project, [LABEL.target]: target };
  const find = async (engine: Engine): Promise<readonly ContainerSummary[]> => {
    const same = await engine.inspectContainer(id, signal);
    const isOver = same?.state !== 'running';
    return [...(same ? [same] : []), ...(isOver && likewise ? (await engine.findContainers(likewise, signal)).filter((other) => other.id !== id) : [])];
  };
  await follow(connect, { find, none: `${name} is gone: waiting for the next start`, hasNext: likewise !== false }, options);
}

/** What goes on where a connection ended. */
interface Place {
  last: Followed | undefined;
  /** The engine went away: what it told last may not have been all of it. */
  isCutOff: boolean;
}

/** Once something was followed, an engine that goes away is waited for. */
async function follow(connect: Connect, line: Line, options: FollowOptions): Promise<void> {
  const place: Place = { last: undefined, isCutOff: false };
  const { onNote, signal } = options;
  for (;;) {
    try {
      return await followOn(await connect(), line, place, options);
    } catch (error) {
      throwIfAborted(signal);
      if (!place.last || !isAway(error)) throw error;
      if (!place.isCutOff) onNote(`${error.message}: waiting until the engine answers`);
      place.isCutOff = true;
    }
    await sleep(TRY_AGAIN_MS, undefined, { signal });
  }
}

/** It cannot be reached; where it refuses something, it is there. */
const isAway = (error: unknown): error is UserError =>
  error instanceof UserError && error.kind === 'engine' && error.code.startsWith('engine-') && error.code !== 'engine-refused';

async function followOn(engine: Engine, line: Line, place: Place, options: FollowOptions): Promise<void> {
  const { tail, onLine, onNote, signal } = options;
  for (;;) {
    const { last } = place;
    const container = await nextOne(engine, line, place, options);
    if (!container) return;
    const now: Followed =
      last?.id === container.id ? last : { id: container.id, name: container.name, tail: last ? undefined : tail, place: undefined, startedAt: undefined };
    const { startedAt } = (await engine.inspectContainer(container.id, signal)) ?? {};
    if (now !== last && last) onNote(`${container.name} was started (${container.image})`);
    // It may run again before anybody saw that it had ended.
    else if (now.startedAt !== undefined && startedAt !== undefined && startedAt !== now.startedAt) onNote(`${container.name} was started again`);
    now.startedAt = startedAt;
    place.last = now;
    place.isCutOff = false;
    await readLog(engine, container.id, {
      follow: true,
      ...(now.place !== undefined && { after: now.place }),
      ...(now.place === undefined && now.tail !== undefined && { tail: now.tail }),
      onPlace: (read) => {
        now.place = read;
      },
      onLine,
      signal,
    });
    throwIfAborted(signal);
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
  readonly name: string;
  /** How much of its past is told, as long as nothing of it was. */
  readonly tail: number | undefined;
  /** Of the last line that was handed on. */
  place: LogPlace | undefined;
  /** When it was started, by the engine's clock. */
  startedAt: string | undefined;
}

/** undefined: there will be none. */
async function nextOne(
  engine: Engine,
  line: Line,
  { last, isCutOff }: Readonly<Place>,
  { onNote, signal }: FollowOptions,
): Promise<ContainerSummary | undefined> {
  let isRemoved = false;
  for (let looks = 0; ; looks++) {
    const found = await line.find(engine);
    if (isCutOff && looks === 0) onNote('The engine answers again');
    // What has ended is worth reading once, by whoever comes then, and what it wrote while nobody could read it.
    const ended = looks > 0 ? undefined : last ? found.find(({ id }) => isCutOff && id === last.id) : found[0];
    const container = found.find(({ state }) => state === 'running') ?? ended;
    if (last && !isRemoved && found.every(({ id }) => id !== last.id)) {
      isRemoved = true;
      onNote(`${last.name} was removed`);
    }
    if (container) return container;
    if (found.length === 0 && !line.hasNext) return undefined;
    if (!last && looks === 0) onNote(line.none);
    else if (last && looks === QUIET_LOOKS) onNote('Waiting for the next start');
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
