import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSecrets, jobCommand, jobEnv, jobSecrets, readNetwork } from '../../../src/core/network.js';
import type { Network } from '../../../src/core/network.js';
import { NETWORK_MOUNTS, USE_NETWORK } from '../../../src/core/images/dockerfile.js';
import networkScript from '../../../src/core/images/network.sh';
import { BASE, getText, imageHolds, useEngine } from './harness.js';

const bench = useEngine();
const index = 'https://me:a-password-of-mine@pypi.invalid/simple';
const proxy = 'http://me:a-proxy-password@proxy.invalid:3128';
/** As Python prints what requests finds. */
const login = `('me', 'a-password-of-mine')`;
let folder = '';
let network: Network;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pypackage-network-'));
  const bundle = join(folder, 'bundle.pem');
  await writeFile(bundle, rootCertificates.join('\n'));
  network = await readNetwork({ PIP_CERT: bundle, PIP_INDEX_URL: index, HTTPS_PROXY: proxy });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What Python and pip themselves make of it. */
const ASK = `import os, ssl, subprocess, sys
from pip._vendor import requests
print(len(ssl.create_default_context().get_ca_certs()) > 100)
print(os.environ['https_proxy'])
login = requests.utils.get_netrc_auth('https://pypi.invalid/simple')
print(login)
settings = subprocess.run([sys.executable, '-m', 'pip', 'config', 'list'], capture_output=True, text=True).stdout
print(*[line for line in settings.splitlines() if 'index-url' in line])
`;

describe("the host's network settings", () => {
  it('are understood inside a job, by any user', async () => {
    const lines: string[] = [];
    const { exitCode } = await bench.engine.runJob({
      image: BASE,
      entrypoint: [],
      command: jobCommand(network, ['python3', '-c', ASK]),
      labels: bench.labels,
      network: 'none',
      user: '65534:65534',
      env: { ...jobEnv(network), HOME: '/tmp' },
      secrets: jobSecrets(network),
      onOutput: (_stream, line) => lines.push(line),
    });
    expect({ exitCode, lines }).toEqual({ exitCode: 0, lines: ['True', proxy, login, `global.index-url='https://pypi.invalid/simple'`] });
  });

  it('are understood inside a build, and stay in no layer, configuration or history', async () => {
    const lines: string[] = [];
    const tag = `${bench.id}/network:1`;
    const mounts = [...NETWORK_MOUNTS, 'type=bind,source=ask.py,target=/run/ask/ask.py'].map((mount) => `--mount=${mount}`).join(' ');
    await bench.engine.build({
      dockerfile: `FROM ${BASE}\nRUN ${mounts} ${USE_NETWORK} && python3 /run/ask/ask.py; : ${bench.id}\n`,
      dockerfileName: 'Dockerfile.network',
      files: { 'ask.py': ASK, 'network.sh': networkScript },
      tags: [tag],
      labels: bench.labels,
      secrets: buildSecrets(network),
      onProgress: (event) => void (event.type === 'log' && lines.push(event.text)),
    });
    expect(lines).toEqual(['True', proxy, login, `global.index-url='https://pypi.invalid/simple'`]);
    const certificate = (network.ca ?? '').slice(0, 300);
    expect(await imageHolds(bench.engine, tag, [bench.id, 'a-password-of-mine', 'a-proxy-password', certificate])).toEqual([true, false, false, false]);
    const words = `${await getText(bench.engine, `/images/${tag}/json`)} ${await getText(bench.engine, `/images/${tag}/history`)}`;
    expect(words).toContain(bench.id);
    expect(words).not.toMatch(/a-password-of-mine|proxy\.invalid|BEGIN CERTIFICATE/);
  });
});
