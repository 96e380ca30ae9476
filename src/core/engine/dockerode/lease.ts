/**
 * A lease: a container of a fixed name whose standard input we hold. It ends with its holder, however that dies, because the
 * engine closes the input when the connection goes, and `cat` then ends and is removed. (pipeline/lease.ts deals with one whose
 * holder died before the start.)
 */
import type { Duplex } from 'node:stream';
import { UserError } from '../../errors.js';
import type { ContainerSummary, Lease, LeaseRequest } from '../engine.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { createContainer, inspectContainer, removeAtEnd, removeContainer, startCreated } from './containers.js';

/**
 * A container that exists has the name; starting it only makes it end with its holder. That costs as much as a short run takes,
 * so it waits this long, and a run that is over by then has only a container to remove that never ran.
 */
const START_AFTER_MS = 4_000;

export async function takeLease(api: EngineApi, request: LeaseRequest): Promise<Lease | ContainerSummary> {
  for (;;) {
    const id = await create(api, request);
    if (id !== undefined) return hold(api, request, id);
    const holder = await inspectContainer(api, request.name, { signal: request.signal });
    if (!holder) continue; // it ended between the two questions
    if (holder.state === 'running' || holder.state === 'created') return holder;
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

function hold(api: EngineApi, request: LeaseRequest, id: string): Lease {
  let started: Promise<Duplex | undefined> | undefined;
  const timer = setTimeout(() => {
    // That it cannot be started tells the holder nothing: its work has its own connection to the engine.
    started = start(api, request, id).catch(() => undefined);
  }, START_AFTER_MS);
  return {
    held: true,
    release: async () => {
      clearTimeout(timer);
      const socket = await started;
      if (socket) socket.destroy();
      else await removeAtEnd(api, id);
    },
  };
}

async function start(api: EngineApi, request: LeaseRequest, id: string): Promise<Duplex> {
  const query = { stream: true, stdin: true };
  const socket = await api.upgrade({ method: 'POST', path: `/containers/${name(id)}/attach`, query, what: 'take a lease' }, 'tcp');
  socket.on('error', () => undefined);
  socket.resume();
  try {
    await startCreated(api, request, id, undefined);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
