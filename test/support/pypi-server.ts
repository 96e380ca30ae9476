/** pypiserver behind htpasswd (https://pypi.org/project/pypiserver/), in a container that others reach. It has what it was given and nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Engine } from '../../src/core/engine/engine.js';
import { packFiles } from '../../src/core/engine/tar.js';
import { USE_NETWORK, NETWORK_MOUNTS } from '../../src/core/images/dockerfile.js';
import networkScript from '../../src/core/images/network.sh';
import { buildSecrets, readNetwork } from '../../src/core/network.js';
import type { Distribution } from './index-server.js';
import { ask, call, discard } from './raw-engine.js';

export interface PypiServer {
  /** `172.17.0.4:8080` */
  readonly host: string;
  readonly password: string;
  /** With user and password. */
  readonly url: string;
  close(): Promise<void>;
}

const RUN = `
from passlib.apache import HtpasswdFile
from pypiserver.__main__ import main
users = HtpasswdFile('/users', new=True)
users.set_password('ci', open('/password').read())
users.save()
main(['run', '--port', '8080', '--passwords', '/users', '--authenticate', 'download,list,update', '--disable-fallback', '/packages'])
`;

/** @param image reference of the image that is made for it; its own removal is the caller's */
export async function startPypiServer(engine: Engine, base: string, image: string, distributions: readonly Distribution[]): Promise<PypiServer> {
  const password = `w0rd-${Math.random().toString(36).slice(2)}`;
  const mounts = NETWORK_MOUNTS.map((mount) => `--mount=${mount}`).join(' ');
  await engine.build({
    dockerfile: `FROM ${base}\nRUN ${mounts} ${USE_NETWORK} && python3 -m venv /server && /server/bin/pip install --quiet 'pypiserver[passlib]==2.4.2'\n`,
    dockerfileName: 'Dockerfile.pypiserver',
    files: { 'network.sh': networkScript },
    tags: [image],
    secrets: buildSecrets(await readNetwork(process.env)),
  });
  const body = {
    Image: image,
    Entrypoint: ['/server/bin/python', '-c', RUN],
    Labels: { 'io.pypackage.test': 'pypiserver' },
  };
  const { Id } = z.object({ Id: z.string() }).parse(JSON.parse(await call('POST', '/containers/create', JSON.stringify(body))));
  const files = distributions.map(({ file, content }) => ({ path: `packages/${file}`, content, mode: 0o644 }));
  await call('PUT', `/containers/${Id}/archive?path=/`, packFiles([...files, { path: 'password', content: password, mode: 0o600 }]));
  await call('POST', `/containers/${Id}/start`);
  const inspected = z.object({ NetworkSettings: z.object({ IPAddress: z.string() }) });
  const { NetworkSettings } = await ask(inspected, `/containers/${Id}/json`);
  const host = `${NetworkSettings.IPAddress}:8080`;
  await answers(`http://${host}/health`);
  return { host, password, url: `http://ci:${password}@${host}/simple`, close: () => discard(`/containers/${Id}?force=1&v=1`) };
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer`);
}
