import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificatesOf } from '../../../src/core/certificates.js';
import { buildSecrets, jobCommand, jobEnv, jobSecrets, readNetwork as read } from '../../../src/core/network.js';
import type { Network } from '../../../src/core/network.js';

let folder = '';
const [one = '', two = ''] = rootCertificates;
/** Not a real one, and in no public set. */
const own = `-----BEGIN CERTIFICATE-----\n${'Q'.repeat(64)}\n-----END CERTIFICATE-----\n`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pypackage-network-'));
  await writeFile(
    join(folder, 'one.pem'),
    `# text\r\nCertificate:\n    Data: x\n${one.replaceAll('\n', '\r\n')}\r\n${one}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
  );
  await writeFile(join(folder, 'two.pem'), `${two}\n${one}\n`);
  await writeFile(join(folder, 'private.pem'), own);
  await writeFile(join(folder, 'none.pem'), 'nothing');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Of a machine whose user and administrator have set nothing but these variables. */
function readNetwork(env: Readonly<Record<string, string>>): Promise<Network> {
  return read({ HOME: folder, ...env }, { shared: join(folder, 'etc') });
}

const at = (name: string): string => join(folder, name);

describe('certificate authorities', () => {
  it('are read from what the variables name: each certificate once, without text, keys or carriage returns', async () => {
    const { ca, notes } = await readNetwork({ SSL_CERT_FILE: at('one.pem'), PIP_CERT: at('two.pem'), CURL_CA_BUNDLE: at('one.pem') });
    expect(notes).toEqual([]);
    expect(ca).toBe([...certificatesOf(one), ...certificatesOf(two)].join('\n') + '\n');
    expect(ca).not.toMatch(/PRIVATE|Data|\r/);
  });

  it('are joined by the public ones where only Node is told of more', async () => {
    const { ca = '' } = await readNetwork({ NODE_EXTRA_CA_CERTS: at('private.pem') });
    expect(certificatesOf(ca)).toHaveLength(rootCertificates.length + 1);
    const both = await readNetwork({ NODE_EXTRA_CA_CERTS: at('private.pem'), SSL_CERT_FILE: at('one.pem') });
    expect(certificatesOf(both.ca ?? '')).toHaveLength(2);
  });

  it('that cannot be read are said, and do not stop the work', async () => {
    const network = await readNetwork({ SSL_CERT_FILE: at('absent.pem'), PIP_CERT: at('none.pem') });
    expect(network.ca).toBeUndefined();
    expect(network.notes).toEqual([
      expect.stringMatching(/^SSL_CERT_FILE names .*absent\.pem, which cannot be read/),
      expect.stringMatching(/^PIP_CERT names .*none\.pem, which holds no certificates/),
    ]);
    expect([buildSecrets(network).size, jobSecrets(network).length, Object.keys(jobEnv(network)).length]).toEqual([0, 0, 0]);
  });

  it('reach builds as a secret and jobs as a file that every tool is pointed to', async () => {
    const network = await readNetwork({ PIP_CERT: at('one.pem') });
    expect(Buffer.from(buildSecrets(network).get('pypackage-ca') ?? '').toString()).toBe(network.ca);
    expect(jobSecrets(network)).toEqual([{ path: 'ca.pem', content: network.ca, mode: 0o444 }]);
    const names = [
      'PIP_CERT',
      'SSL_CERT_FILE',
      'REQUESTS_CA_BUNDLE',
      'CURL_CA_BUNDLE',
      'GIT_SSL_CAINFO',
      'CARGO_HTTP_CAINFO',
      'NODE_EXTRA_CA_CERTS',
      'npm_config_cafile',
    ];
    expect(jobEnv(network)).toEqual(Object.fromEntries(names.map((name) => [name, '/dev/shm/pypackage/ca.pem'])));
  });

  it('that are too large for a build are a clear error', async () => {
    const many = Array.from({ length: 600 }, (_, i) => `-----BEGIN CERTIFICATE-----\n${String(i).padStart(1000, 'A')}\n-----END CERTIFICATE-----`);
    await writeFile(at('many.pem'), many.join('\n'));
    const network = await readNetwork({ SSL_CERT_FILE: at('many.pem') });
    expect(() => buildSecrets(network)).toThrow(expect.objectContaining({ code: 'network-ca-too-large', message: expect.stringMatching(/take 6\d\d KB/) }));
  });
});

describe('proxies', () => {
  it('are read in either case and given to builds and jobs as a file for the shell: they may hold a password', async () => {
    const network = await readNetwork({
      HTTP_PROXY: 'http://upper:1',
      http_proxy: 'http://lower:1',
      HTTPS_PROXY: "http://me:it's@secure:1",
      no_proxy: 'localhost,.corp',
      ALL_PROXY: '',
    });
    const file = [
      `export http_proxy='http://lower:1' HTTP_PROXY='http://lower:1'\n`,
      `export https_proxy='http://me:it'\\''s@secure:1' HTTPS_PROXY='http://me:it'\\''s@secure:1'\n`,
      `export no_proxy='localhost,.corp' NO_PROXY='localhost,.corp'\n`,
    ].join('');
    expect(jobSecrets(network)).toEqual([{ path: 'proxies.sh', content: file, mode: 0o444 }]);
    expect(String(buildSecrets(network).get('pypackage-proxies'))).toBe(file);
    expect(jobEnv(network)).toEqual({});
    expect(jobCommand(network, ['python', '-c', 'a b'])).toEqual([
      '/bin/sh',
      '-c',
      '. /dev/shm/pypackage/proxies.sh && exec "$@"',
      'sh',
      'python',
      '-c',
      'a b',
    ]);
    expect(jobCommand(await readNetwork({}), ['python'])).toEqual(['python']);
  });

  it('on this machine are said to be out of reach', async () => {
    const { notes } = await readNetwork({ https_proxy: 'http://127.0.0.1:3128', no_proxy: '127.0.0.1' });
    expect(notes).toEqual(['https_proxy names this machine itself (127.0.0.1), which containers do not reach under that name']);
  });
});

describe("pip's settings", () => {
  it('leave a token without a user as one, and a list of indexes in its order', async () => {
    const network = await readNetwork({ PIP_EXTRA_INDEX_URL: 'https://tok@t.corp/z https://u.corp/y' });
    expect(network.pipConf).toBe('[global]\nindex-url = https://pypi.org/simple\nextra-index-url = https://t.corp/z\n    https://u.corp/y\n');
    expect(network.netrc).toBe('machine t.corp login tok password ""\n');
    expect(network.front).toBeUndefined();
  });

  it('are passed on from an allow-list, as a configuration file', async () => {
    const network = await readNetwork({
      PIP_INDEX_URL: 'https://me:pa%24s@pypi.corp/simple',
      PIP_EXTRA_INDEX_URL: 'https://a.corp/simple  https://b.corp/simple',
      PIP_TRUSTED_HOST: 'a.corp',
      PIP_DEFAULT_TIMEOUT: '60',
      PIP_RETRIES: '2',
      PIP_FIND_LINKS: '/host/wheels',
      PIP_TARGET: '/host',
    });
    const conf =
      '[global]\nindex-url = https://pypi.corp/simple\nextra-index-url = https://a.corp/simple\n    https://b.corp/simple\ntrusted-host = a.corp\ntimeout = 60\nretries = 2\n';
    expect(network.pipConf).toBe(conf);
    const netrc = 'machine pypi.corp login me password pa$s\n';
    expect(jobSecrets(network)).toEqual([
      { path: 'pip.conf', content: conf, mode: 0o444 },
      { path: 'netrc', content: netrc, mode: 0o444 },
    ]);
    expect(jobEnv(network)).toEqual({ PIP_CONFIG_FILE: '/dev/shm/pypackage/pip.conf', NETRC: '/dev/shm/pypackage/netrc' });
    expect(String(buildSecrets(network).get('pypackage-netrc'))).toBe(netrc);
    expect(Buffer.from(buildSecrets(network).get('pypackage-pip-conf') ?? '').toString()).toBe(conf);
  });
});
