import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages } from '../setup/packages.mjs';
import { run, which } from '../setup/processes.mjs';
import { SetupError, step } from '../setup/say.mjs';

const MOBY = 'v2.0.0-beta.24';
/** Those before it do not know the time namespaces that this Docker asks for. */
const RUNC = 'v1.5.2';

/**
 * Docker 29 is in no Debian release, and its modules are everywhere: the folder with its programs. containerd and docker-init are
 * those of this machine.
 */
export async function docker29({ cache, signal }) {
  const bin = join(cache, `docker-${MOBY}-runc-${RUNC}`);
  const missing = ['containerd', 'docker-init'].filter((program) => !which(program));
  if (missing.length > 0) throw new SetupError(`there is no ${missing.join(' and no ')} on this machine: install docker.io`);
  if (existsSync(bin)) return bin;
  if (!which('go')) throw new SetupError('it is built with Go, which is not installed (https://go.dev/dl/)');
  const headers = which('pkg-config') && (await has(['--exists', 'libseccomp']));
  const needed = [...(which('gcc') ? [] : ['gcc', 'libc6-dev']), ...(which('pkg-config') ? [] : ['pkg-config']), ...(headers ? [] : ['libseccomp-dev'])];
  if (needed.length > 0) await ensurePackages(needed, 'building runc');
  const partial = `${bin}.partial`;
  rmSync(partial, { recursive: true, force: true });
  // The lowest priority: it takes minutes, and nobody who works on this machine meanwhile should notice.
  const install = (env, ...args) =>
    run('nice', ['-n', '19', 'go', 'install', '-trimpath', ...args], { env: { ...process.env, GOBIN: partial, ...env }, signal, explain: 'go install' });
  await step('Building Docker 29 from its Go modules: some minutes, once', async () => {
    const moby = ['dockerd', 'docker-proxy'].map((command) => `github.com/moby/moby/v2/cmd/${command}@${MOBY}`);
    // Without it, it calls itself library-import.
    const version = ['-ldflags', `-X github.com/moby/moby/v2/dockerversion.Version=${MOBY.slice(1)}`];
    await install({ CGO_ENABLED: '0' }, ...version, ...moby);
    await install({}, '-tags', 'seccomp', `github.com/opencontainers/runc@${RUNC}`);
  });
  renameSync(partial, bin);
  return bin;
}

async function has(args) {
  try {
    await run('pkg-config', args);
    return true;
  } catch {
    return false;
  }
}
