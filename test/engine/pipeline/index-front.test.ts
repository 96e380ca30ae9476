/** pip with several indexes behind one front: two logins for one host, pages of both kinds, and where a login does not go. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import type { Engine } from '../../../src/core/engine/engine.js';
import { jobCommand, jobEnv, jobSecrets, readNetwork } from '../../../src/core/network.js';
import { BASE_IMAGE, useSandbox } from '../../support/core.js';
import { bridgeAddress, wheelOf } from '../../support/index-server.js';
import type { Distribution } from '../../support/index-server.js';

const sandbox = useSandbox();
const first = wheelOf('first-one');
const second = wheelOf('second-one', '2.0');
const old = wheelOf('second-one', '3.0');
const moved = wheelOf('moved-one');

let engine: Engine;
let corp: string;
let elsewhere: string;
/** What both servers were asked for, with the user of the login. */
const asked: string[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  engine = await connectEngine({ env: process.env });
  elsewhere = await serve('elsewhere', (path, _user, response) => {
    if (path === `/files/${moved.file}`) send(response, moved);
    else if (path === '/simple/moved-one/') response.writeHead(200, { 'content-type': 'text/html' }).end(`<a href="../../files/${moved.file}">x</a>`);
    else response.writeHead(404).end();
  });
  corp = await serve('corp', answerOfCorp);
});

afterAll(async () => {
  engine.close();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Two indexes: /a wants one login, /b another. /a speaks HTML, /b JSON, and sends those who ask for `moved-one` elsewhere. */
function answerOfCorp(path: string, user: string, response: ServerResponse): void {
  if (user !== { a: 'anna', b: 'bert' }[path[1] ?? '']) response.writeHead(401, { 'www-authenticate': 'Basic realm="corp"' }).end();
  else if (path === '/a/simple/first-one/')
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<a data-requires-python="&gt;=3.9" href="/a/files/${first.file}#sha256=${sha256(first)}">x</a>`);
  else if (path === '/b/simple/second-one/') {
    const files = [
      { filename: second.file, url: `../../files/${second.file}`, hashes: { sha256: sha256(second) } },
      { filename: old.file, url: `../../files/${old.file}`, hashes: {}, 'requires-python': '<3' },
    ];
    response
      .writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' })
      .end(JSON.stringify({ meta: { 'api-version': '1.1' }, name: 'second-one', files }));
  } else if (path === '/b/simple/moved-one/') response.writeHead(302, { location: `http://${elsewhere}/simple/moved-one/` }).end();
  else if (path === `/a/files/${first.file}`) send(response, first);
  else if (path === `/b/files/${second.file}`) send(response, second);
  else response.writeHead(404).end();
}

function send(response: ServerResponse, { content }: Distribution): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': content.length }).end(content);
}

function sha256({ content }: Distribution): string {
  return createHash('sha256').update(content).digest('hex');
}

async function serve(name: string, answer: (path: string, user: string, response: ServerResponse) => void): Promise<string> {
  const server = createServer(({ url = '', headers }: IncomingMessage, response) => {
    const login = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    asked.push(`${name} ${url} ${login}`);
    answer(url, login.split(':')[0] ?? '', response);
  });
  servers.push(server);
  const host = await bridgeAddress();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
  const address = server.address();
  return `${host}:${typeof address === 'object' && address ? address.port : 0}`;
}

async function install(
  env: Readonly<Record<string, string>>,
  ...requirements: readonly string[]
): Promise<{ readonly exitCode: number; readonly said: string }> {
  asked.length = 0;
  const network = await readNetwork({ HOME: sandbox.folder, PIP_RETRIES: '0', ...env }, { shared: sandbox.folder });
  const lines: string[] = [];
  const { exitCode } = await engine.runJob({
    image: BASE_IMAGE,
    entrypoint: [],
    command: jobCommand(network, ['python3', '-m', 'pip', 'install', '--no-input', '--no-deps', '--target', '/tmp/here', ...requirements]),
    labels: { 'io.pypackage.test': sandbox.namespace },
    env: { ...jobEnv(network), HOME: '/tmp' },
    secrets: jobSecrets(network),
    onOutput: (_stream, line) => lines.push(line),
  });
  return { exitCode, said: lines.join('\n') };
}

function indexes(): Readonly<Record<string, string>> {
  return { PIP_INDEX_URL: `http://anna:one-word@${corp}/a/simple`, PIP_EXTRA_INDEX_URL: `http://bert:tw%20o@${corp}/b/simple`, PIP_TRUSTED_HOST: corp };
}

test('each index gets its own login, for pages and for files, although both are on one host', async () => {
  const { exitCode, said } = await install(indexes(), 'first-one', 'second-one');
  expect(said).toContain('Successfully installed first-one-1.0 second-one-2.0');
  expect(exitCode).toBe(0);
  expect(asked).toContain(`corp /a/files/${first.file} anna:one-word`);
  expect(asked).toContain(`corp /b/files/${second.file} bert:tw o`);
});

test('a login does not go along to another host', async () => {
  const { said } = await install({ ...indexes(), PIP_TRUSTED_HOST: `${corp} ${elsewhere}` }, 'moved-one');
  expect(said).toContain('Successfully installed moved-one-1.0');
  expect(asked.filter((line) => line.startsWith('elsewhere'))).toEqual([`elsewhere /simple/moved-one/ `, `elsewhere /files/${moved.file} `]);
});

test('an index that refuses its login, and one that is not trusted without encryption, stop the work and are named', async () => {
  const refused = await install({ ...indexes(), PIP_INDEX_URL: `http://nobody:one-word@${corp}/a/simple` }, 'second-one', '-vv');
  expect(refused.exitCode).toBe(1);
  expect(refused.said).toContain(`401 Client Error: Unauthorized at the package index ${corp}`);
  const open = await install({ ...indexes(), PIP_TRUSTED_HOST: '' }, 'second-one', '-vv');
  expect(open.said).toContain(`The package index ${corp} is not encrypted and not trusted`);
});
