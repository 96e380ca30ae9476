import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEM_PATH } from '../setup/processes.mjs';
import { SetupError } from '../setup/say.mjs';

/** Of every engine: nobody else sees the network, so that they need not differ. */
const NETWORK = '10.126.0.0/24';
const NAMESERVER = '10.126.0.3';

/** Where a process of the engine's network namespace is reached from a namespace inside that: slirp4netns's own address. */
export const OUTER_ADDRESS = '10.126.0.100';

/**
 * What every engine's process finds before it starts: the loopback interface, a name server that forwards to this machine's, and
 * a /run of its own. Standard input tells when the network is there; all output goes to the log from then on.
 */
const PRELUDE = `set -e
ip link set lo up
mount -t tmpfs -o mode=755 engine /run
resolv=$(readlink -m /etc/resolv.conf)
mkdir -p "$(dirname "$resolv")"
[ -e "$resolv" ] || : > "$resolv"
printf 'nameserver ${NAMESERVER}\\n' > "$ENGINE_FOLDER/resolv.conf"
mount --bind "$ENGINE_FOLDER/resolv.conf" "$resolv"
echo isolated
read -r connected
exec > "$ENGINE_FOLDER/log" 2>&1 < /dev/null
`;

/**
 * Runs a shell script, as root, in namespaces of its own for network, mounts and processes. Whatever it starts, mounts or
 * routes is gone with it, and it goes with this process however that ends: nothing of this machine is changed. The network
 * reaches out through slirp4netns, without an interface, a route or a rule of this machine.
 * @param folder for the log; must exist
 */
export async function isolate(script, { folder, env = {} }) {
  mkdirSync(folder, { recursive: true });
  const apart = ['--net', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'];
  const all = { ...process.env, PATH: SYSTEM_PATH, ...env, ENGINE_FOLDER: folder };
  // Detached: Ctrl-C reaches this script only, which then stops the engine in order.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...apart, 'sh', '-c', PRELUDE + script], {
    detached: true,
    env: all,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  child.stdin.on('error', () => {});
  let slirp;
  try {
    await answered(child, child.stdout, () => said);
    const output = openSync(join(folder, 'network.log'), 'w');
    const route = ['--configure', '--mtu=65520', `--cidr=${NETWORK}`, '--disable-host-loopback', '--ready-fd=3'];
    slirp = spawn('setpriv', ['--pdeathsig', 'KILL', 'slirp4netns', ...route, String(child.pid), 'tap0'], {
      detached: true,
      env: all,
      stdio: ['ignore', output, output, 'pipe'],
    });
    closeSync(output);
    await answered(slirp, slirp.stdio[3], () => readFileSync(join(folder, 'network.log'), 'utf8'));
  } catch (error) {
    await Promise.all([end(child, 'SIGKILL'), slirp && end(slirp, 'SIGKILL')]);
    throw error;
  }
  child.stdin.end('connected\n');
  return {
    /** A process in the network namespace: what `nsenter --net` needs. */
    pid: child.pid,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    stop: async () => {
      await end(child, 'SIGTERM');
      await end(slirp, 'SIGTERM');
    },
  };
}

/** Puts a command into the network of an isolated process. */
export function inNetworkOf(pid, command, args) {
  return ['nsenter', [`--net=/proc/${pid}/ns/net`, '--', command, ...args]];
}

/** Waits for the first byte of what a process says, or says why there is none. */
function answered(child, stream, said) {
  return new Promise((resolve, reject) => {
    stream.once('data', resolve);
    child.once('error', (error) => reject(new SetupError(error.message, { cause: error })));
    child.once('exit', (code, by) => reject(new SetupError(`${child.spawnargs[3]} ended (${code ?? by}): ${said().trim()}`)));
  });
}

/** The whole group; KILL after 20 s. */
async function end(child, signal) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, signal);
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 20_000);
  await exited;
  clearTimeout(timer);
}
