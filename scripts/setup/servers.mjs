import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { ensurePackages } from './packages.mjs';
import { which } from './processes.mjs';

/** Asked by Debian's packages before they start what they bring; 101 says no. */
const POLICY = '/usr/sbin/policy-rc.d';

/** Programs that the engine's tests start for themselves: a machine to reach over ssh, a registry that wants a password, a second engine. */
export async function ensureServers() {
  const programs = { sshd: 'openssh-server', ssh: 'openssh-client', 'docker-registry': 'docker-registry', ip: 'iproute2', slirp4netns: 'slirp4netns' };
  const missing = Object.entries(programs).flatMap(([program, name]) => (which(program) ? [] : [name]));
  if (missing.length === 0) return;
  // Nothing of theirs shall listen on this machine because of a test.
  const isOurs = process.getuid?.() === 0 && existsSync('/usr/sbin') && !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await ensurePackages(missing, "the engine's tests");
  } finally {
    if (isOurs) rmSync(POLICY);
  }
}
