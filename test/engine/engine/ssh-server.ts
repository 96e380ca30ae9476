/** A real sshd on this machine, with keys and a client's configuration of its own. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../scripts/setup/editor.mjs';
import { startServer } from '../../support/server-process.js';

const run = promisify(execFile);
/** As it was at the start: a test may move it. */
const TEMPORARY = tmpdir();

export interface SshServer {
  readonly port: number;
  /** With the client's `config`, `known_hosts` and key `id`. */
  readonly folder: string;
  /** `ssh://127.0.0.1:PORT`, without a user. */
  readonly url: string;
  /** An environment whose `ssh` has the configuration above: the real one takes its folder from the user's entry, not from HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What ssh-keyscan would say of it. */
  knownHost(): string;
  stop(): Promise<void>;
}

/** @param options more lines of sshd_config. */
export async function startSshServer(options: readonly string[] = []): Promise<SshServer> {
  const folder = mkdtempSync(join(TEMPORARY, 'pypackage-sshd-'));
  const port = await freePort();
  const key = (name: string): Promise<unknown> => run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
  await Promise.all([key('host'), key('id'), key('stranger')]);
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'id.pub')));
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    'PidFile none',
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    ...options,
  ];
  writeFileSync(join(folder, 'sshd_config'), `${config.join('\n')}\n`);
  const knownHost = (): string => `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`;
  writeFileSync(join(folder, 'known_hosts'), knownHost());
  const client = [
    'Host build-machine',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    'Host *',
    `  UserKnownHostsFile ${join(folder, 'known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    `  IdentityFile ${join(folder, 'id')}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
  ];
  writeFileSync(join(folder, 'config'), `${client.join('\n')}\n`);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const { stdout: real } = await run('sh', ['-c', 'command -v ssh']);
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec ${real.trim()} -F ${join(folder, 'config')} "$@"\n`);
  chmodSync(join(bin, 'ssh'), 0o755);

  if (process.geteuid?.() === 0) mkdirSync('/run/sshd', { recursive: true }); // where Debian's sshd locks itself in
  const sshd = ['/usr/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path)) ?? 'sshd';
  const end = await startServer(sshd, ['-D', '-e', '-f', join(folder, 'sshd_config')], { name: 'sshd', answers: () => answers(port) });
  return {
    port,
    folder,
    url: `ssh://127.0.0.1:${port}`,
    env: { HOME: folder, DOCKER_CONFIG: join(folder, 'no-config'), PATH: `${bin}${delimiter}${process.env['PATH']}`, USER: userInfo().username },
    knownHost,
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.on('data', () => socket.destroy());
  });
}
