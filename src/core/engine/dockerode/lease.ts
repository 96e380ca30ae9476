/**
 * A lease: a container of a fixed name whose standard input we hold. It ends with its holder, however that dies, because the
 * engine closes the input when the connection goes, and `cat` then ends and is removed. (pipeline/lease.ts deals with one whose
 * holder died before the start.) A holder that slept meanwhile, or was cut off, learns that it is gone.
 */
import type { Duplex } from 'node:stream';
import { UserError } from '../../errors.js';
import type { ContainerSummary } from '../engine.js';
import type { Lease, LeaseRequest } from '../lease.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { createContainer, inspectContainer, removeAtEnd, removeContainer, startCreated } from './containers.js';

/**
 * A container that exists has the name; starting it only makes it end with its holder. That costs as much as a short run takes,
 * so it waits this long, and a run that is over by then has only a container to remove that never ran.
 */
const START_AFTER_MS = 4_000;
const LOOK_EVERY_MS = 500;
/** Its connection does not tell: an engine may leave it open when the container is gone. */
const ASK_EVERY_MS = 3_000;
const ANSWER_MS = 10_000;

export async function takeLease(api: EngineApi, request: LeaseRequest): Promise<Lease | ContainerSummary> {
  for (;;) {
    const id = await create(api, request);
    if (id !== undefined) return new Held(api, request, id);
    const holder = await inspectContainer(api, request.name, { signal: request.signal });
    if (!holder) continue; // it ended between the two questions
    if (['running', 'created', 'paused'].includes(holder.state)) return holder;
    await removeContainer(api, holder.id);
  }
}

/** undefined when somebody has the name. */
async function create(api: EngineApi, { name: wanted, image, labels }: LeaseRequest): Promise<string | undefined> {
  const spec = { name: wanted, image, labels };
  try {
    return await createContainer(api, spec, {
      Image: image,
      Labels: labels,
      Entrypoint: ['cat'],
      Cmd: [],
      User: '65534:65534',
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      HostConfig: { AutoRemove: true, NetworkMode: 'none', ReadonlyRootfs: true },
    });
  } catch (error) {
    if (error instanceof UserError && error.code === 'container-name-taken') return undefined;
    throw error;
  }
}

class Held implements Lease {
  readonly held = true;
  private readonly losing = new AbortController();
  private readonly ending = new AbortController();
  private readonly watch: NodeJS.Timeout;
  private readonly taken = now();
  private asked = now();
  private looking: Promise<void> | undefined;
  private socket: Duplex | undefined;

  constructor(
    private readonly api: EngineApi,
    private readonly request: LeaseRequest,
    private readonly id: string,
  ) {
    this.watch = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, LOOK_EVERY_MS);
  }

  get lost(): AbortSignal {
    return this.losing.signal;
  }

  async isHeld(): Promise<boolean> {
    if (this.lost.aborted) return false;
    this.asked = now();
    const found = await inspectContainer(this.api, this.id, { signal: this.ending.signal, timeout: ANSWER_MS });
    if (found && ['running', 'created', 'paused'].includes(found.state)) return true;
    this.losing.abort();
    return false;
  }

  async release(): Promise<void> {
    clearInterval(this.watch);
    this.ending.abort();
    await this.looking;
    if (this.socket && !isCut(this.socket)) this.socket.destroy();
    else if (!this.lost.aborted) await removeAtEnd(this.api, this.id);
  }

  /** Starts it when it is time, and asks for it now and then, after a sleep at once. An engine that does not answer is asked the next time. */
  private async look(): Promise<void> {
    try {
      if (!this.socket && since(this.taken) >= START_AFTER_MS) {
        // Why it does not start matters only when it is gone: the work has its own connection to the engine.
        this.socket = await this.start().catch(() => undefined);
        if (!this.socket) await this.isHeld();
      } else if (since(this.asked) >= ASK_EVERY_MS) {
        await this.isHeld();
      }
    } catch {
      // unknown for now
    }
    if (this.lost.aborted) clearInterval(this.watch);
  }

  private async start(): Promise<Duplex> {
    const { signal } = this.ending;
    const query = { stream: true, stdin: true };
    const socket = await this.api.upgrade({ method: 'POST', path: `/containers/${name(this.id)}/attach`, query, what: 'take a lease', signal }, 'tcp');
    socket.on('error', () => undefined);
    socket.resume();
    try {
      await startCreated(this.api, this.request, this.id, signal);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}

function isCut(socket: Duplex): boolean {
  return socket.destroyed || socket.readableEnded;
}

interface Instant {
  readonly wall: number;
  readonly steady: number;
}

/** By two clocks: the steady one stands still while the machine sleeps, the other may be set back. */
function now(): Instant {
  return { wall: Date.now(), steady: performance.now() };
}

function since({ wall, steady }: Instant): number {
  return Math.max(Date.now() - wall, performance.now() - steady);
}
