import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { Server } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import { listEngines } from '../../../src/core/engine/listing.js';
import { problemOf, useEngine } from './harness.js';

const bench = useEngine();
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'pypackage-tls-'));
const sockets = new Set<Socket>();
let server: Server | undefined;

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  rmSync(folder, { recursive: true, force: true });
});

/** What the machine has in its environment plays no part, but for what a test gives. */
function env(more: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { HOME: folder, DOCKER_CONFIG: join(folder, 'no-config'), ...more };
}

describe('an engine behind TLS', () => {
  const certificates = join(folder, 'certificates');
  let url = '';

  beforeAll(async () => {
    mkdirSync(certificates);
    const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: certificates });
    await openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test authority', '-keyout', 'ca-key.pem', '-out', 'ca.pem');
    for (const [name, extension, days] of [
      ['server', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '2'],
      ['expired', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-1'],
      ['elsewhere', 'subjectAltName=DNS:elsewhere.example', '2'],
      ['client', 'extendedKeyUsage=clientAuth', '2'],
    ] as const) {
      await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}-key.pem`, '-out', `${name}.csr`);
      writeFileSync(join(certificates, `${name}.ext`), extension);
      const signing = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', days, '-extfile', `${name}.ext`];
      await openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}-cert.pem`);
    }
    const read = (name: string): Buffer => readFileSync(join(certificates, name));
    for (const file of ['cert.pem', 'key.pem']) writeFileSync(join(certificates, file), read(`client-${file}`));
    const made = createTlsServer(
      { key: read('server-key.pem'), cert: read('server-cert.pem'), ca: read('ca.pem'), requestCert: true, rejectUnauthorized: true },
      (client) => {
        const upstream = connect(bench.socket);
        for (const socket of [client, upstream]) socket.on('error', () => undefined);
        client.pipe(upstream).pipe(client);
      },
    );
    server = made;
    made.on('tlsClientError', () => undefined);
    made.on('connection', (socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    const address = made.address();
    url = `tcp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  });

  it('is used with the certificates that DOCKER_CERT_PATH names, for builds as well', async () => {
    const engine = await connectEngine({ env: env({ DOCKER_HOST: url, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates }) });
    try {
      expect(engine.info).toMatchObject({ product: bench.product, endpoint: { url, source: 'DOCKER_HOST' } });
      const { imageId } = await engine.build({
        dockerfile: 'FROM scratch\nCOPY f /\n',
        files: { f: url },
        dockerfileName: 'D',
        tags: [],
        labels: bench.labels,
      });
      expect(imageId).toMatch(/^sha256:/);
    } finally {
      engine.close();
    }
  });

  it('is used with the certificates of a context', async () => {
    const config = join(folder, 'tls-config');
    const id = createHash('sha256').update('remote').digest('hex');
    mkdirSync(join(config, 'contexts/meta', id), { recursive: true });
    mkdirSync(join(config, 'contexts/tls', id, 'docker'), { recursive: true });
    writeFileSync(
      join(config, 'contexts/meta', id, 'meta.json'),
      JSON.stringify({ Name: 'remote', Endpoints: { docker: { Host: url, SkipTLSVerify: false } } }),
    );
    for (const file of ['ca.pem', 'cert.pem', 'key.pem'])
      writeFileSync(join(config, 'contexts/tls', id, 'docker', file), readFileSync(join(certificates, file)));
    const engine = await connectEngine({ env: env({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'remote' }) });
    engine.close();
    expect(engine.info.endpoint).toEqual({ url, source: 'context "remote" (DOCKER_CONTEXT)' });
  });

  it('is not trusted by another authority, and trusts no client without a certificate', async () => {
    const problem = (more: Readonly<Record<string, string>>): Promise<unknown> => problemOf(connectEngine({ env: env({ DOCKER_HOST: url, ...more }) }));
    const empty = join(folder, 'no-certificates');
    mkdirSync(empty);
    expect(await problem({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: empty })).toMatchObject({
      code: 'engine-tls',
      why: expect.stringContaining('was not issued by the authority'),
    });
    writeFileSync(join(empty, 'ca.pem'), readFileSync(join(certificates, 'ca.pem')));
    expect(await problem({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: empty })).toMatchObject({
      code: 'engine-tls',
      why: expect.stringContaining('asks for a client certificate'),
    });
  });

  it.each([
    ['has expired', 'expired', /its certificate has expired/],
    ['is for another host', 'elsewhere', /its certificate is for another host .*127\.0\.0\.1/],
  ])('is not trusted with a certificate that %s', async (_, name, why) => {
    const read = (file: string): Buffer => readFileSync(join(certificates, file));
    const serve = (of: string): void => server?.setSecureContext({ key: read(`${of}-key.pem`), cert: read(`${of}-cert.pem`), ca: read('ca.pem') });
    serve(name);
    try {
      const choice = { env: env({ DOCKER_HOST: url, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates }) };
      expect(await problemOf(connectEngine(choice))).toMatchObject({ code: 'engine-tls', why: expect.stringMatching(why) });
      expect((await listEngines(choice)).engines.find(({ chosen }) => chosen)).toMatchObject({ state: 'trouble', answer: expect.stringMatching(why) });
    } finally {
      serve('server');
    }
  });

  it('is noticed when it goes without a word: the kernel probes the connection', async () => {
    const engine = await connectEngine({ env: env({ DOCKER_HOST: url, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates }) });
    try {
      // Documentation/networking/proc_net_tcp.rst: address, state, and the timer: its kind (2 is that of the probes) and when it ends, in 1/100 s.
      const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
      const ours = readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, , remote, state]) => remote === `0100007F:${port}` && state === '01')
        .map(([, , , , , timer]) => timer?.split(':') ?? []);
      expect(ours.length).toBeGreaterThan(0);
      for (const [kind, left] of ours) {
        expect(kind).toBe('02');
        expect(Number.parseInt(left ?? '', 16)).toBeLessThanOrEqual(1500);
      }
    } finally {
      engine.close();
    }
  });
});
