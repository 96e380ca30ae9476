import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, which } from '../setup/processes.mjs';
import { SetupError } from '../setup/say.mjs';
import { quote, startDaemon } from './daemon.mjs';
import { enterRoot, trixieRoot } from './trixie.mjs';

/** Debian 12's, as it is installed on this machine. */
export async function startPodman4(context) {
  const found = which('podman') && (await run('podman', ['--version']));
  if (!found?.includes('version 4.3.')) throw new SetupError(`this machine has ${found?.trim() ?? 'no podman'}, and it takes Podman of Debian 12`);
  return startPodman(context);
}

/** Debian 13's, in a root of its own. */
export async function startPodman5(context) {
  return startPodman(context, enterRoot(await trixieRoot(context)));
}

async function startPodman({ folder, signal }, before = '') {
  mkdirSync(folder, { recursive: true });
  const socket = join(folder, 'podman.sock');
  const file = (name, ...lines) => {
    const path = join(folder, name);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };
  const env = {
    CONTAINERS_CONF: file(
      'containers.conf',
      '[containers]',
      `default_ulimits = [${limits().join(', ')}]`,
      '[engine]',
      // crun needs what not every kernel gives.
      'runtime = "runc"',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      `tmp_dir = "${join(folder, 'tmp')}"`,
      '[network]',
      `network_config_dir = "${join(folder, 'networks')}"`,
    ),
    CONTAINERS_STORAGE_CONF: file(
      'storage.conf',
      '[storage]',
      'driver = "overlay"',
      `graphroot = "${join(folder, 'root')}"`,
      `runroot = "${join(folder, 'runroot')}"`,
    ),
    // As Docker does with registries on the loopback interface.
    CONTAINERS_REGISTRIES_CONF: file('registries.conf', '[[registry]]', 'prefix = "127.0.0.1"', 'location = "127.0.0.1"', 'insecure = true'),
    PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
  };
  // Locks and addresses of other Podmans of this machine are theirs.
  const apart = 'mount -t tmpfs -o mode=1777 engine /dev/shm\nfor d in /var/lib/cni; do if [ -d "$d" ]; then mount -t tmpfs engine "$d"; fi; done\n';
  const service = `exec podman --log-level info system service --time=0 ${quote(`unix://${socket}`)}\n`;
  return startDaemon(before + apart + service, { folder, socket, env, signal });
}

/** Podman asks for more than a restricted machine allows, and then nothing starts. */
function limits() {
  const hard = (title) => new RegExp(`^${title} +\\S+ +(\\d+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return [
    ['nofile', hard('Max open files')],
    ['nproc', hard('Max processes')],
  ].flatMap(([name, limit]) => (limit === undefined ? [] : [`"${name}=${limit}:${limit}"`]));
}
