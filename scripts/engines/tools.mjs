import { ensurePackages } from '../setup/packages.mjs';
import { which } from '../setup/processes.mjs';

/** What the engines of these names are started with, beside a Docker engine: programs and the packages of Debian that bring them. */
const TOOLS = [
  { program: 'slirp4netns', brings: 'slirp4netns' },
  { program: 'ip', brings: 'iproute2' },
  { program: 'podman', brings: 'podman', for: 'podman-4' },
  // The init process of every container; Podman only recommends it.
  { program: 'catatonit', brings: 'catatonit', for: 'podman-4' },
  { program: 'runc', brings: 'runc', for: 'podman-4' },
  { program: 'sshd', brings: 'openssh-server', for: 'ssh' },
  { program: 'ssh', brings: 'openssh-client', for: 'ssh' },
  { program: 'openssl', brings: 'openssl', for: 'tls' },
];

export async function ensureTools(engines) {
  const missing = TOOLS.filter((tool) => (tool.for === undefined || engines.includes(tool.for)) && !which(tool.program)).map(({ brings }) => brings);
  if (missing.length > 0) await ensurePackages(missing, 'engines of their own');
}
