import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, SYSTEM_PATH, which } from './processes.mjs';
import { say, SetupError } from './say.mjs';
import { trouble } from './engine-client.mjs';

const SOCKET = '/var/run/docker.sock';
const URL_OF_SOCKET = `unix://${SOCKET}`;

/**
 * What helps a dockerd that died on an unusual machine, by what its log says. Each is tried once, with those before it.
 */
const REMEDIES = [
  { says: /iptables|nf_tables|netfilter/i, name: 'the older iptables', apply: useLegacyIptables },
  { says: /storage-driver|graphdriver|overlay/i, name: 'the plain vfs storage driver', apply: () => ({ args: ['--storage-driver=vfs'] }) },
];

/** Starts Docker's daemon on its usual socket, in a session of its own, and waits until it answers. Needs root. */
export async function startDockerd(signal) {
  await ensureCgroups();
  const folder = mkdtempSync(join(tmpdir(), 'pypackage-dockerd-'));
  const log = join(folder, 'dockerd.log');
  const args = [];
  let path = SYSTEM_PATH;
  const left = [...REMEDIES];
  for (;;) {
    const daemon = await attempt(args, path, log, signal);
    if (daemon) return { url: URL_OF_SOCKET, pid: daemon.pid, log, stop: () => stop(daemon, folder) };
    const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
    const remedy = left.find(({ says }) => said.split('\n').some((line) => /level=(error|fatal)|^failed/i.test(line) && says.test(line)));
    const help = remedy?.apply(folder);
    if (!help) throw new SetupError(`Docker's daemon was installed and did not start. The end of ${log}:\n${tail(said)}`);
    left.splice(left.indexOf(remedy), 1);
    args.push(...(help.args ?? []));
    path = help.path ? help.path + delimiter + path : path;
    say(`  dockerd did not start; trying again with ${remedy.name}`);
  }
}

/** One start: the child process once it answers, undefined when it ended instead. */
async function attempt(args, path, log, signal) {
  const output = openSync(log, 'w');
  // Detached: Ctrl-C reaches this script only, which then stops the daemon in order.
  const child = spawn('dockerd', ['--host', URL_OF_SOCKET, ...args], {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, PATH: path },
  });
  closeSync(output);
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  for (const began = Date.now(); Date.now() - began < 60_000; await sleep(150)) {
    if (ended) return undefined;
    if (signal?.aborted) break;
    if ((await trouble(URL_OF_SOCKET)) === undefined) {
      child.unref();
      return child;
    }
  }
  await end(child);
  throw new SetupError(
    signal?.aborted
      ? 'Stopped while Docker was starting.'
      : `Docker's daemon did not answer within 60 s. The end of ${log}:\n${tail(readFileSync(log, 'utf8'))}`,
  );
}

/** TERM lets the daemon stop its containers first. */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => void child.once('exit', resolve));
  child.ref();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await exited;
  clearTimeout(timer);
}

async function stop(child, folder) {
  await end(child);
  rmSync(folder, { recursive: true, force: true });
}

function tail(text) {
  return text
    .trimEnd()
    .split('\n')
    .slice(-15)
    .map((line) => `  | ${line}`)
    .join('\n');
}

/** Debian's iptables speaks nf_tables, which not every kernel has; the older one comes in the same package. */
function useLegacyIptables(folder) {
  const legacy = which('iptables-legacy');
  if (!legacy) return undefined;
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['iptables', 'ip6tables', 'iptables-save', 'iptables-restore']) {
    const target = which(name.replace('tables', 'tables-legacy'));
    if (target) symlinkSync(target, join(bin, name));
  }
  return { path: bin };
}

/** In a bare container or chroot nobody has mounted control groups, without which the daemon refuses to start. */
async function ensureCgroups() {
  const root = '/sys/fs/cgroup';
  if (existsSync(join(root, 'cgroup.controllers')) || (existsSync(root) && readdirSync(root).length > 0)) return;
  const controllers = readFileSync('/proc/cgroups', 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([name, , , enabled]) => enabled === '1' && name && !name.startsWith('#'))
    .map(([name]) => name);
  say('  no control groups are mounted here: mounting them');
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'cgroup', root]);
    for (const name of controllers) {
      mkdirSync(join(root, name));
      await run('mount', ['-t', 'cgroup', '-o', name, 'cgroup', join(root, name)]);
    }
  } catch (error) {
    throw new SetupError(`Docker needs control groups, and they could not be mounted at ${root}. ${error.message}`, { cause: error });
  }
}
