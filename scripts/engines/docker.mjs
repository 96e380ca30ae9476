import { join } from 'node:path';
import { run, which } from '../setup/processes.mjs';
import { SetupError } from '../setup/say.mjs';
import { quoted, startDaemon } from './daemon.mjs';
import { docker29 } from './docker-29.mjs';
import { enterRoot, trixieRoot } from './trixie.mjs';

/** Debian 12's, as it is installed on this machine. */
export async function startDocker20(context, options) {
  const found = which('dockerd') && (await run('dockerd', ['--version']));
  if (!found?.includes('version 20.10.')) throw new SetupError(`this machine has ${found?.trim() ?? 'no dockerd'}, and it takes docker.io of Debian 12`);
  return startDockerd(context, options);
}

/** Debian 13's, in a root of its own. */
export async function startDocker26(context) {
  return startDockerd(context, { before: enterRoot(await trixieRoot(context)) });
}

/** Built from its Go modules. Its images are in containerd's store. */
export async function startDocker29(context, env = {}) {
  return startDockerd(context, { path: await docker29(context), env });
}

/**
 * @param before shell commands that prepare the daemon's namespaces
 * @param path a folder that is searched for programs before all others
 */
export async function startDockerd({ folder, signal }, { before = '', path, args = [], env = {} } = {}) {
  const socket = join(folder, 'docker.sock');
  const own = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid'), '--host', `unix://${socket}`];
  const search = path === undefined ? '' : `export PATH=${quoted([path])}:"$PATH"\n`;
  return startDaemon(`${before}${search}exec dockerd ${quoted([...own, ...args])}\n`, { folder, socket, env, signal });
}
