/** A real registry on this machine (Debian's docker-registry) that lets one user in. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../engine/harness.js';

export const USER = 'me';
export const PASSWORD = 'the password of a test';
/** `htpasswd -Bbn me 'the password of a test'` */
const HTPASSWD = 'me:$2y$05$p6tDCHh1hw7ozTuTrXY/3urZ3SHn7Cl8I8n1pcCfqvZ/PkM4CwrGG\n';

export interface RegistryServer {
  /** `127.0.0.1:PORT`; engines take registries of the loopback network without TLS. */
  readonly host: string;
  stop(): Promise<void>;
}

export async function startRegistry(): Promise<RegistryServer> {
  const folder = mkdtempSync(join(tmpdir(), 'pypackage-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  writeFileSync(join(folder, 'htpasswd'), HTPASSWD);
  const config = {
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: host },
    auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } },
  };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config)); // YAML is a superset
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the registry ended: ${log}`);
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    return answer?.status === 401;
  }, 'the registry answers');
  return {
    host,
    stop: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
