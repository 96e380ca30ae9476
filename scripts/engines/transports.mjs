import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, which } from '../setup/processes.mjs';
import { SetupError } from '../setup/say.mjs';
import { quote } from './daemon.mjs';
import { startDocker20 } from './docker.mjs';

// In a network of its own every port is free.
const TLS_PORT = 2376;
const SSH_PORT = 2222;

/** Docker that asks each client for a certificate of an authority made for this. */
export async function startBehindTls(context) {
  const folder = join(context.folder, 'tls');
  mkdirSync(folder, { recursive: true });
  const openssl = (...args) => run('openssl', args, { cwd: folder, signal: context.signal, explain: 'openssl' });
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  await openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=authority of a test', '-keyout', 'ca-key.pem', '-out', 'ca.pem');
  for (const [name, extension, prefix] of [
    ['server', 'subjectAltName=DNS:localhost,IP:127.0.0.1', 'server-'],
    ['client', 'extendedKeyUsage=clientAuth', ''],
  ]) {
    writeFileSync(join(folder, `${name}.ext`), extension);
    await openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${prefix}key.pem`, '-out', `${name}.csr`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${prefix}cert.pem`);
  }
  const files = ['--tlscacert', join(folder, 'ca.pem'), '--tlscert', join(folder, 'server-cert.pem'), '--tlskey', join(folder, 'server-key.pem')];
  const engine = await startDocker20(context, { args: ['--host', `tcp://127.0.0.1:${TLS_PORT}`, '--tlsverify', ...files] });
  return { ...engine, url: `tcp://127.0.0.1:${TLS_PORT}`, env: { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder } };
}

/** Docker on what looks like another machine: a server of ssh with a key of its own leads to it. */
export async function startBehindSsh(context) {
  for (const program of ['sshd', 'ssh', 'ssh-keygen'])
    if (!which(program)) throw new SetupError(`there is no ${program} on this machine: install openssh-server`);
  const folder = join(context.folder, 'ssh');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = (name) => join(folder, name);
  for (const name of ['host', 'user']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `${name} of a test`, '-f', path(name)], { signal: context.signal, explain: 'ssh-keygen' });
  }
  writeFileSync(path('known_hosts'), `[127.0.0.1]:${SSH_PORT} ${readFileSync(path('host.pub'), 'utf8')}`);
  const server = [
    `Port ${SSH_PORT}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host')}`,
    `AuthorizedKeysFile ${path('user.pub')}`,
    `PidFile ${path('pid')}`,
    // The folders above are anybody's.
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
  ];
  const client = [
    'Host *',
    `  IdentityFile ${path('user')}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${path('known_hosts')}`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
  ];
  writeFileSync(path('sshd_config'), `${server.join('\n')}\n`);
  writeFileSync(path('config'), `${client.join('\n')}\n`);
  // ssh takes its configuration from the home folder that the system knows, which is not for a test to write to.
  mkdirSync(path('bin'));
  writeFileSync(path('bin/ssh'), `#!/bin/sh\nexec ${quote(which('ssh'))} -F ${quote(path('config'))} "$@"\n`, { mode: 0o755 });
  const before = `mkdir -p /run/sshd
ln -s ${quote(join(context.folder, 'docker.sock'))} /run/docker.sock
${quote(which('sshd'))} -f ${quote(path('sshd_config'))} -E ${quote(path('log'))}
`;
  const engine = await startDocker20(context, { before });
  const env = { PATH: path('bin') + delimiter + (process.env.PATH ?? '') };
  return { ...engine, url: `ssh://root@127.0.0.1:${SSH_PORT}`, env };
}
