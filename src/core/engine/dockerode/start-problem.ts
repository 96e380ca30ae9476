/** Why a container could not be created or started, in words a person can act on. */
import { UserError } from '../../errors.js';
import type { ContainerSpec } from '../engine.js';
import { EngineRefusal } from '../problems.js';

export function createProblem(spec: ContainerSpec, error: unknown): unknown {
  if (!(error instanceof EngineRefusal)) return error;
  const about = { kind: 'engine' as const, why: error.reason, cause: error };
  if (error.status === 404 && /no such image|image not known/i.test(error.reason)) {
    return new UserError({ ...about, code: 'image-missing', message: `The engine has no image ${spec.image}`, fix: 'Build or pull it' });
  }
  if (/container-init binary not found/.test(error.reason)) return noInit('catatonit', error);
  if (/already in use/.test(error.reason) && spec.name !== undefined && error.reason.includes(spec.name)) {
    // 409 from Docker, 500 from Podman.
    return new UserError({
      ...about,
      code: 'container-name-taken',
      message: `There is a container named ${spec.name} already`,
      fix: `Remove it: docker rm -f ${spec.name}`,
    });
  }
  return error;
}

/** @param spec of one that is started again: nothing */
export function startProblem(spec: Pick<ContainerSpec, 'ports'>, error: unknown): unknown {
  if (!(error instanceof EngineRefusal)) return error;
  const about = { kind: 'engine' as const, why: error.reason, cause: error };
  if (/port is already allocated|address already in use/.test(error.reason)) {
    const ports = spec.ports?.map((port) => port.host).join(', ') ?? /:(\d+)(?= failed|: bind)/.exec(error.reason)?.[1] ?? 'of the container';
    return new UserError({
      ...about,
      code: 'port-in-use',
      message: `Port ${ports} is in use by something else`,
      fix: 'Stop what uses it, or choose another port',
    });
  }
  // An init process is asked for, so a command that is not there is its exit code 127, as with `docker run --init`.
  if (/exec: "docker-init": executable file not found/.test(error.reason)) return noInit('tini', error);
  return error;
}

/** @param installed package that brings what an engine starts containers with */
function noInit(installed: 'tini' | 'catatonit', error: EngineRefusal): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-no-init',
    message: 'The engine lacks an init process, which every container of ours is started with',
    why: error.reason,
    fix: `Install it beside the engine (Debian and Ubuntu: sudo apt install ${installed})`,
    cause: error,
  });
}
