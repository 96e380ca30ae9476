/** What we ask for, in the words of POST /containers/create. */
import type { ContainerSpec, Mount } from '../engine.js';
import type { Json } from '../json.js';

export interface BodyOptions {
  /** The address on which ports are published. */
  readonly address: string;
  readonly tty?: boolean;
  readonly stdin?: boolean;
}

export function containerBody(spec: ContainerSpec, options: BodyOptions): Json {
  const ports = spec.ports ?? [];
  return {
    Image: spec.image,
    ...(spec.entrypoint && { Entrypoint: spec.entrypoint }),
    ...(spec.command && { Cmd: spec.command }),
    ...(spec.env && { Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`) }),
    Labels: spec.labels,
    ...(spec.user !== undefined && { User: spec.user }),
    ...(spec.workingDir !== undefined && { WorkingDir: spec.workingDir }),
    Tty: options.tty ?? false,
    OpenStdin: options.stdin ?? false,
    StdinOnce: options.stdin ?? false,
    AttachStdin: options.stdin ?? false,
    // An empty test keeps the image's; the interval is in nanoseconds.
    ...(spec.healthIntervalMs !== undefined && { Healthcheck: { Test: [], Interval: spec.healthIntervalMs * 1_000_000 } }),
    ExposedPorts: Object.fromEntries(ports.map((port) => [`${port.container}/tcp`, {}])),
    HostConfig: {
      // Without an init process pid 1 ignores TERM, and every stop takes the full timeout.
      Init: true,
      ReadonlyRootfs: spec.readOnly ?? false,
      Mounts: (spec.mounts ?? []).map(mountBody),
      PortBindings: Object.fromEntries(ports.map((port) => [`${port.container}/tcp`, [{ HostIp: options.address, HostPort: String(port.host) }]])),
      ...(spec.network !== undefined && { NetworkMode: spec.network }),
    },
  };
}

function mountBody(mount: Mount): Json {
  return mount.type === 'volume' ? { Type: 'volume', Source: mount.source, Target: mount.target } : { Type: 'tmpfs', Target: mount.target };
}
