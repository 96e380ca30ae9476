/**
 * A lease: a container of a fixed name whose standard input we hold. It ends with its holder, however that dies, because the
 * engine closes the input when the connection goes, and `cat` then ends and is removed.
 */
import type { Duplex } from 'node:stream';
import { UserError } from '../../errors.js';
import type { ContainerSummary, Lease, LeaseRequest } from '../engine.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { createContainer, inspectContainer, removeAtEnd, removeContainer, startCreated } from './containers.js';

/** Between creating and starting lie milliseconds; a container that is older and does not run has lost its holder. */
const BORN_WITHIN_MS = 15_000;

export async function takeLease(api: EngineApi, request: LeaseRequest): Promise<Lease | ContainerSummary> {
  for (;;) {
    const id = await create(api, request);
    if (id !== undefined) return hold(api, request, id);
    const holder = await inspectContainer(api, request.name, { signal: request.signal });
    if (!holder) continue; // it ended between the two questions
    if (holder.state === 'running' || (holder.state === 'created' && Date.now() - holder.created < BORN_WITHIN_MS)) return holder;
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

/** The name is ours as soon as the container exists, so its start goes on beside the holder's work. */
function hold(api: EngineApi, request: LeaseRequest, id: string): Lease {
  const started = start(api, request, id);
  started.catch(() => undefined); // release tells nobody either: the work that it guarded has its own connection to the engine
  return {
    held: true,
    release: async () => {
      const socket = await started.catch(() => undefined);
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
