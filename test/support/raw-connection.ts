/** A connection to an engine past all code of ours, made as the docker command line makes it: by socket, TCP, TLS or ssh. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

const OWN_SOCKET = process.env['PYPACKAGE_TEST_SOCKET'];

/** Where the engine of the tests is; by its own socket, when somebody says that DOCKER_HOST only leads there in a longer way. */
export const ENGINE_URL = OWN_SOCKET ? `unix://${OWN_SOCKET}` : process.env['DOCKER_HOST'] || 'unix:///var/run/docker.sock';

/** Path of a socket of this machine; undefined for an engine that is reached in another way. */
export function socketPath(url = ENGINE_URL): string | undefined {
  return url.startsWith('unix://') ? url.slice('unix://'.length) : undefined;
}

export function dial(url = ENGINE_URL): Duplex {
  const path = socketPath(url);
  if (path !== undefined) return connect(path);
  const { protocol, hostname, port, username } = new URL(url);
  if (protocol === 'ssh:') return overSsh([...(port === '' ? [] : ['-p', port]), ...(username === '' ? [] : ['-l', username])], hostname);
  if (!process.env['DOCKER_TLS_VERIFY']) return connect(Number(port), hostname);
  const file = (name: string): Buffer => readFileSync(join(process.env['DOCKER_CERT_PATH'] ?? '', name));
  return connectTls({ host: hostname, port: Number(port), ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') });
}

/** https://docs.docker.com/reference/cli/docker/system/dial-stdio/ */
function overSsh(options: readonly string[], host: string): Duplex {
  const child = spawn('ssh', ['-T', '-o', 'BatchMode=yes', ...options, '--', host, 'docker', 'system', 'dial-stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  return stream.on('close', () => child.kill());
}
