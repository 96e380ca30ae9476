/** A real registry on this machine (Debian's docker-registry) that lets one user in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../scripts/setup/editor.mjs';
import { startServer } from '../../support/server-process.js';

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
  const end = await startServer('docker-registry', ['serve', join(folder, 'config.yml')], {
    name: 'the registry',
    answers: async () => (await fetch(`http://${host}/v2/`).catch(() => undefined))?.status === 401,
  });
  return {
    host,
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
