import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificatesOf } from '../../../src/core/certificates.js';
import { buildArgs, buildSecrets, jobEnv, jobFiles, readNetwork, redact } from '../../../src/core/network.js';

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
    expect([buildSecrets(network).size, jobFiles(network).length, Object.keys(jobEnv(network)).length]).toEqual([0, 0, 0]);
  });

  it('reach builds as a secret and jobs as a file that every tool is pointed to', async () => {
    const network = await readNetwork({ PIP_CERT: at('one.pem') });
    expect(Buffer.from(buildSecrets(network).get('pypackage-ca') ?? '').toString()).toBe(network.ca);
    expect(jobFiles(network)).toEqual([{ path: '/run/pypackage/ca.pem', content: network.ca, mode: 0o444 }]);
    const names = ['PIP_CERT', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'CARGO_HTTP_CAINFO', 'NODE_EXTRA_CA_CERTS'];
    expect(jobEnv(network)).toEqual(Object.fromEntries(names.map((name) => [name, '/run/pypackage/ca.pem'])));
  });

  it('that are too large for a build are a clear error', async () => {
    const many = Array.from({ length: 600 }, (_, i) => `-----BEGIN CERTIFICATE-----\n${String(i).padStart(1000, 'A')}\n-----END CERTIFICATE-----`);
    await writeFile(at('many.pem'), many.join('\n'));
    const network = await readNetwork({ SSL_CERT_FILE: at('many.pem') });
    expect(() => buildSecrets(network)).toThrow(expect.objectContaining({ code: 'network-ca-too-large', message: expect.stringMatching(/take 6\d\d KB/) }));
  });
});

describe('proxies', () => {
  it('are read in either case and given to builds and jobs', async () => {
    const network = await readNetwork({
      HTTP_PROXY: 'http://upper:1',
      http_proxy: 'http://lower:1',
      HTTPS_PROXY: 'http://secure:1',
      no_proxy: 'localhost,.corp',
      ALL_PROXY: '',
    });
    expect(buildArgs(network)).toEqual({ HTTP_PROXY: 'http://lower:1', HTTPS_PROXY: 'http://secure:1', NO_PROXY: 'localhost,.corp' });
    expect(jobEnv(network)).toEqual({ ...buildArgs(network), http_proxy: 'http://lower:1', https_proxy: 'http://secure:1', no_proxy: 'localhost,.corp' });
  });

  it('on this machine are said to be out of reach', async () => {
    const { notes } = await readNetwork({ https_proxy: 'http://127.0.0.1:3128', no_proxy: '127.0.0.1' });
    expect(notes).toEqual(['https_proxy names this machine itself (127.0.0.1), which containers do not reach under that name']);
  });
});

describe("pip's settings", () => {
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
      '[global]\nindex-url = https://me:pa%24s@pypi.corp/simple\nextra-index-url = https://a.corp/simple\n    https://b.corp/simple\ntrusted-host = a.corp\ntimeout = 60\nretries = 2\n';
    expect(network.pipConf).toBe(conf);
    expect(jobFiles(network)).toEqual([{ path: '/run/pypackage/pip.conf', content: conf, mode: 0o444 }]);
    expect(jobEnv(network)).toEqual({ PIP_CONFIG_FILE: '/run/pypackage/pip.conf' });
    expect(Buffer.from(buildSecrets(network).get('pypackage-pip-conf') ?? '').toString()).toBe(conf);
  });
});

describe('redact', () => {
  it('takes credentials of indexes and proxies out of any text', async () => {
    const network = await readNetwork({
      PIP_INDEX_URL: 'https://token-123456@pypi.corp/simple',
      HTTPS_PROXY: 'http://me:pass%21word@proxy:3128',
      HTTP_PROXY: 'http://x:y@short:1',
    });
    const lines = [
      ['Looking in indexes: https://token-123456@pypi.corp/simple', 'Looking in indexes: https://***@pypi.corp/simple'],
      ['proxy http://me:pass%21word@proxy:3128 refused', 'proxy http://***@proxy:3128 refused'],
      ['password pass!word', 'password ***'],
      ['via http://x:y@short:1', 'via http://***@short:1'],
      ['git+https://bot:ghp_secret@github.com/a/b.git', 'git+https://***@github.com/a/b.git'],
      ['git+ssh://git@github.com/a/b.git me@example.org', 'git+ssh://git@github.com/a/b.git me@example.org'],
      ['Collecting Django==5.2', 'Collecting Django==5.2'],
      ['see https://docs.example/a:b and me@example.org', 'see https://docs.example/a:b and me@example.org'],
    ] as const;
    for (const [text, expected] of lines) expect(redact(text, network)).toBe(expected);
  });
});
