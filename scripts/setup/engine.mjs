import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDockerd } from './dockerd.mjs';
import { describe, trouble } from './engine-client.mjs';
import { ensurePackages } from './packages.mjs';
import { which } from './processes.mjs';
import { say, SetupError, step } from './say.mjs';

const nothing = async () => {};

/**
 * An engine that answers: the one DOCKER_HOST names, one at a usual socket, or, as root on Linux, Docker installed and
 * started here. `stop` ends only what was started here, and the containers on it.
 */
export async function ensureEngine({ signal } = {}) {
  const asked = process.env.DOCKER_HOST;
  if (asked) {
    const why = await trouble(asked);
    if (why !== undefined) throw new SetupError(`DOCKER_HOST is ${asked}: ${why}. Start that engine or unset DOCKER_HOST.`);
    return found(asked);
  }
  const tried = [];
  for (const url of usualSockets()) {
    const why = await trouble(url);
    if (why === undefined) return found(url);
    tried.push({ url, why });
  }
  if (process.platform !== 'linux')
    throw new SetupError(`No container engine answers:\n${listed(tried)}\nStart Docker Desktop or another Docker engine, then run this again.`);
  const locked = tried.find(({ why }) => why === 'no permission');
  if (locked)
    throw new SetupError(
      `${locked.url} belongs to others: no permission. Join its group, log in again, then run this again:\n  sudo usermod -aG docker "$USER"`,
    );
  if (process.getuid?.() !== 0)
    throw new SetupError(
      `No container engine answers:\n${listed(tried)}\nStart one, then run this again:\n  sudo apt-get install docker.io && sudo systemctl start docker`,
    );
  const missing = [...(which('dockerd') ? [] : ['docker.io']), ...(which('iptables') ? [] : ['iptables'])];
  if (missing.length > 0) {
    await ensurePackages(missing, 'the container engine');
    // Where an init system runs, the package has started the engine itself.
    for (let tries = 0; tries < 20 && existsSync('/run/systemd/system'); tries++, await sleep(500)) {
      if ((await trouble('unix:///var/run/docker.sock')) === undefined) return found('unix:///var/run/docker.sock');
    }
  }
  const engine = await step('Starting the container engine (dockerd); it is stopped again at the end', () => startDockerd(signal));
  return { url: engine.url, started: true, stop: engine.stop, pid: engine.pid };
}

async function found(url) {
  const { product, version } = await describe(url);
  say(`Container engine: ${product} ${version} at ${url}`);
  return { url, started: false, stop: nothing };
}

function usualSockets() {
  const home = homedir();
  const runtime = process.env.XDG_RUNTIME_DIR;
  const files = [
    '/var/run/docker.sock',
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
  ];
  return files.map((file) => `unix://${file}`);
}

function listed(tried) {
  return tried.map(({ url, why }) => `  ${url}: ${why}`).join('\n');
}
