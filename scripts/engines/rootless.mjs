import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages } from '../setup/packages.mjs';
import { which } from '../setup/processes.mjs';
import { SetupError } from '../setup/say.mjs';
import { quote, quoted, startDaemon } from './daemon.mjs';
import { OUTER_ADDRESS } from './isolation.mjs';

const USER = { name: 'engine', id: 31_267, first: 2_000_000, count: 65_536 };

/**
 * The machine's own Docker, run by a user who has no rights. The user exists in the daemon's mounts only: this machine's list of
 * users stays as it is.
 */
export async function startRootless({ folder, signal }) {
  if (!which('dockerd')) throw new SetupError('there is no dockerd on this machine: install docker.io');
  const needed = [
    ['rootlesskit', 'rootlesskit'],
    ['newuidmap', 'uidmap'],
  ].flatMap(([program, name]) => (which(program) ? [] : [name]));
  if (needed.length > 0) await ensurePackages(needed, 'rootless Docker');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const own = join(folder, 'own');
  const runtime = join(own, 'run');
  for (const path of [own, runtime]) {
    mkdirSync(path);
    chownSync(path, USER.id, USER.id);
  }
  const etc = {
    passwd: `${readFileSync('/etc/passwd', 'utf8')}${USER.name}:x:${USER.id}:${USER.id}::${own}:/bin/sh\n`,
    group: `${readFileSync('/etc/group', 'utf8')}${USER.name}:x:${USER.id}:\n`,
    subuid: `${USER.name}:${USER.first}:${USER.count}\n`,
    subgid: `${USER.name}:${USER.first}:${USER.count}\n`,
  };
  const binds = Object.entries(etc).map(([name, content]) => {
    writeFileSync(join(folder, name), content, { mode: 0o644 });
    return `[ -e /etc/${name} ] && mount --bind ${quote(join(folder, name))} /etc/${name}`;
  });
  const socket = join(own, 'docker.sock');
  const daemon = ['--rootless', '--data-root', join(own, 'data'), '--exec-root', join(runtime, 'docker'), '--pidfile', join(own, 'pid')];
  daemon.push('--host', `unix://${socket}`);
  // Registries of the tests, which are plain HTTP, are outside of the network that the engine sees.
  daemon.push('--insecure-registry', `${OUTER_ADDRESS}/32`);
  // As dockerd-rootless.sh of Docker does it, which not every package has.
  const kit = [
    '--net=slirp4netns',
    '--mtu=65520',
    '--disable-host-loopback',
    '--port-driver=builtin',
    '--copy-up=/etc',
    '--copy-up=/run',
    '--propagation=rslave',
  ];
  const inside = `rm -f /run/docker /run/containerd /run/xtables.lock; exec dockerd ${quoted(daemon)}`;
  const script = `${binds.join('\n')}
mkdir -p /run/tun && mknod -m 666 /run/tun/tun c 10 200 && mount --bind /run/tun/tun /dev/net/tun
export HOME=${quote(own)} USER=${USER.name} XDG_RUNTIME_DIR=${quote(runtime)}
exec setpriv --reuid ${USER.id} --regid ${USER.id} --clear-groups --inh-caps=-all rootlesskit ${quoted([...kit, 'sh', '-c', inside])}
`;
  const engine = await startDaemon(script, { folder, socket, signal });
  return { ...engine, env: { PYPACKAGE_TEST_HOST: OUTER_ADDRESS } };
}
