import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import { packFiles, readTar } from '../../../src/core/engine/tar.js';
import { CancelledError } from '../../../src/core/errors.js';
import { BASE, bare, problemOf, SHARED_HOST, useEngine } from './harness.js';

const bench = useEngine();

function importFile(tag: string, labels: Readonly<Record<string, string>> = {}, content = randomBytes(8).toString('hex')): Promise<string> {
  return bench.engine.importImage(packFiles([{ path: 'wheels/a.whl', content, mode: 0o644 }]), `${bench.id}/${tag}`, { ...bench.labels, ...labels });
}

describe('importing', () => {
  it('makes an image without an operating system whose labels are exactly those given', async () => {
    const odd = JSON.stringify([{ name: 'a "quoted" \\ \\" \\n $HOME ${HOME} `x` \' # = é 🐍', list: [1, 2] }]);
    const labels = { 'io.pypackage.wheels': odd, 'io.pypackage.empty': '', 'with space': 'x y', 'ends-in-backslash': 'C:\\' };
    const id = await importFile('imported:1', labels);
    const image = await bench.engine.inspectImage(`${bench.id}/imported:1`);
    expect(image).toMatchObject({ id, labels: { ...bench.labels, ...labels }, tags: [`${bench.id}/imported:1`], command: [], env: [] });
    expect(image?.layers).toHaveLength(1);
    const found = await bench.engine.findImages({ ...bench.labels, 'io.pypackage.wheels': odd });
    expect(found.map((one) => one.id)).toEqual([id]);
  });

  it('keeps labels of 100 KB', async () => {
    // Text that would be a comment at the begin of a line, and long runs of what needs a backslash.
    const odd = `a${'# '.repeat(9_000)}${'"$'.repeat(9_000)}${'\\'.repeat(12_000)}b`;
    const wheels = JSON.stringify(
      Array.from({ length: 700 }, (_, i) => ({ file: `package_${i}-1.0-py3-none-any.whl`, sha256: randomBytes(32).toString('hex') })),
    );
    expect(wheels.length).toBeGreaterThan(80_000);
    await importFile('large-label:1', { wheels, odd });
    const labels = (await bench.engine.inspectImage(`${bench.id}/large-label:1`))?.labels;
    expect(labels?.['wheels']).toBe(wheels);
    expect(labels?.['odd']).toBe(odd);
  });

  it('moves the tag of an earlier import', async () => {
    const [one, two] = [await importFile('moving:1'), await importFile('moving:1')];
    expect(one).not.toBe(two);
    expect((await bench.engine.inspectImage(`${bench.id}/moving:1`))?.id).toBe(two);
  });

  it('can be read by a build and by readFromImage', async () => {
    await importFile('read:1', {}, 'the wheel');
    const log: string[] = [];
    await bench.engine.build({
      dockerfile: `FROM ${BASE}\nRUN --mount=type=bind,from=${bench.id}/read:1,source=/wheels,target=/w cat /w/a.whl; : ${randomBytes(4).toString('hex')}\n`,
      dockerfileName: 'Dockerfile.read',
      tags: [],
      labels: bench.labels,
      onProgress: (event) => void (event.type === 'log' && log.push(event.text)),
    });
    expect(log).toEqual(['the wheel']);
    const names: string[] = [];
    await bench.engine.readFromImage(`${bench.id}/read:1`, '/wheels', (tar) => readTar(tar, (entry) => void names.push(bare(entry.path))), bench.labels);
    expect(names).toEqual(['wheels', 'wheels/a.whl']);
  });

  it('streams: 200 MB pass without being held in memory', async () => {
    const before = process.memoryUsage().rss;
    let peak = 0;
    const block = Buffer.alloc(1024 * 1024, 7);
    const head = packFiles([{ path: 'x', content: Buffer.alloc(0), mode: 0o644 }]);
    const first = Buffer.concat(await head.toArray()).subarray(0, 512);
    first.write(`${(200 * 1024 * 1024).toString(8).padStart(11, '0')} `, 124);
    first.fill(' ', 148, 156);
    first.write(
      `${first
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    const tar = Readable.from(
      (function* () {
        yield first;
        for (let i = 0; i < 200; i++) {
          peak = Math.max(peak, process.memoryUsage().rss - before);
          yield block;
        }
        yield Buffer.alloc(1024);
      })(),
      { objectMode: false },
    );
    await bench.engine.importImage(tar, `${bench.id}/big:1`, bench.labels);
    const extra = ((await bench.engine.inspectImage(`${bench.id}/big:1`))?.size ?? 0) - 200 * 1024 * 1024;
    expect(extra).toBeGreaterThanOrEqual(0);
    // containerd's store holds a compressed layer too, which is small here; Podman counts what describes the image.
    expect(extra).toBeLessThanOrEqual(bench.containerdStore || bench.product === 'Podman' ? 1024 * 1024 : 0);
    expect(peak).toBeLessThan(100 * 1024 * 1024);
  });

  it('fails with the error of its tar, and leaves no image', async () => {
    const broken = new Error('a file changed while it was read');
    const tar = Readable.from(
      (async function* () {
        yield Buffer.alloc(512);
        await new Promise((resolve) => setTimeout(resolve, 30));
        throw broken;
      })(),
    );
    expect(await problemOf(bench.engine.importImage(tar, `${bench.id}/broken:1`, bench.labels))).toBe(broken);
    expect(await bench.engine.inspectImage(`${bench.id}/broken:1`)).toBeUndefined();
  });

  it('can be cancelled', async () => {
    const tar = Readable.from(
      (async function* () {
        for (;;) {
          yield Buffer.alloc(512);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      })(),
    );
    const error = await problemOf(bench.engine.importImage(tar, `${bench.id}/cancelled:1`, bench.labels, AbortSignal.timeout(100)));
    expect(error).toBeInstanceOf(CancelledError);
    expect(tar.destroyed).toBe(true);
  });
});

describe('finding and inspecting', () => {
  it('finds by all labels, by their presence, newest first', async () => {
    const [one, two] = [await importFile('found:1', { role: 'a', extra: '' }), await importFile('found:2', { role: 'b' })];
    const ids = async (labels: Readonly<Record<string, string | null>>): Promise<string[]> =>
      (await bench.engine.findImages({ ...bench.labels, ...labels })).map((image) => image.id);
    expect(await ids({ role: 'a' })).toEqual([one]);
    expect([...(await ids({ role: null }))].sort()).toEqual([one, two].sort());
    expect(await ids({ role: null, extra: null })).toEqual([one]);
    expect(await ids({ role: 'c' })).toEqual([]);
    const all = await bench.engine.findImages(bench.labels);
    expect(all.map((image) => image.created)).toEqual(all.map((image) => image.created).sort((a, b) => b - a));
  });

  it('tells what an image is made of, and undefined for one that is not there', async () => {
    const image = await bench.engine.inspectImage(BASE);
    expect(image).toMatchObject({ platform: bench.engine.info.platform });
    expect(image?.layers[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(image?.size).toBeGreaterThan(10_000_000);
    expect(image?.created).toBeGreaterThan(1_500_000_000_000);
    expect(await bench.engine.inspectImage(`${bench.id}/absent:1`)).toBeUndefined();
  });

  it('refuses what is not a reference', async () => {
    const error = await problemOf(bench.engine.inspectImage('Not A Reference'));
    expect(error).toMatchObject({ name: 'UserError', code: 'engine-refused' });
  });
});

describe('tagging and removing', () => {
  it('gives an image more names, moves them, and takes them away one by one', async () => {
    const [one, two] = [await importFile('one:1'), await importFile('two:1')];
    await bench.engine.tagImage(one, `${bench.id}/name:latest`);
    await bench.engine.tagImage(two, `${bench.id}/name:latest`);
    expect((await bench.engine.inspectImage(`${bench.id}/name:latest`))?.id).toBe(two);
    await bench.engine.removeImage(`${bench.id}/name:latest`);
    expect(await bench.engine.inspectImage(`${bench.id}/name:latest`)).toBeUndefined();
    expect((await bench.engine.inspectImage(two))?.tags).toEqual([`${bench.id}/two:1`]);
    await bench.engine.removeImage(two);
    expect(await bench.engine.inspectImage(two)).toBeUndefined();
    await bench.engine.removeImage(two);
  });

  it('removes an image by its id with all its tags', async () => {
    const id = await importFile('many:1');
    await bench.engine.tagImage(id, `${bench.id}/many:2`);
    await bench.engine.tagImage(id, `${bench.id}/other:1`);
    await bench.engine.removeImage(id);
    expect(await bench.engine.inspectImage(id)).toBeUndefined();
    expect(await bench.engine.inspectImage(`${bench.id}/other:1`)).toBeUndefined();
  });

  it('says that an image is in use', async () => {
    await bench.engine.build({ dockerfile: `FROM ${BASE}\nCMD ["sleep", "60"]\n`, dockerfileName: 'D', tags: [`${bench.id}/used:1`], labels: bench.labels });
    const container = await bench.engine.startContainer({ image: `${bench.id}/used:1`, labels: bench.labels, network: 'none' });
    const error = await problemOf(bench.engine.removeImage(`${bench.id}/used:1`));
    expect(error).toMatchObject({ name: 'UserError', code: 'image-in-use' });
    await bench.engine.removeContainer(container);
    await bench.engine.removeImage(`${bench.id}/used:1`);
  });

  it('refuses a tag that is not valid', async () => {
    const id = await importFile('tagged:1');
    expect(await problemOf(bench.engine.tagImage(id, 'Bad Name:x'))).toMatchObject({ name: 'UserError', code: 'engine-refused' });
  });
});

describe('pulling', () => {
  it('says that the registry cannot be reached', async () => {
    const error = await problemOf(bench.engine.pullImage('127.0.0.1:9/nothing/here:1'));
    expect(error).toMatchObject({ name: 'UserError', code: 'registry-unreachable', fix: expect.stringContaining('127.0.0.1:9') });
    expect(String(error)).toContain('The image 127.0.0.1:9/nothing/here:1 cannot be pulled');
  });

  it('sends the credentials of the registry it asks, and no others; says that they are wrong', async () => {
    const asked: (string | undefined)[] = [];
    const registry = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"', 'content-type': 'application/json' });
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
    });
    await new Promise<void>((resolve) => registry.listen(0, SHARED_HOST, resolve));
    const address = registry.address();
    const host = `${SHARED_HOST}:${typeof address === 'object' && address ? address.port : 0}`;
    const auth = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString('base64');
    const config = await mkdtemp(join(tmpdir(), 'pypackage-config-'));
    await writeFile(
      join(config, 'config.json'),
      JSON.stringify({ auths: { [host]: { auth: auth('me', 'mine') }, 'other.invalid': { auth: auth('you', 'yours') } } }),
    );
    const engine = await connectEngine({ env: { ...process.env, DOCKER_CONFIG: config } });
    try {
      const error = await problemOf(engine.pullImage(`${host}/private/app:1`));
      expect(error).toMatchObject({ name: 'UserError', code: 'registry-denied', fix: expect.stringContaining(`docker login ${host}`) });
      expect(asked.filter((header) => header !== undefined)).toContain(`Basic ${auth('me', 'mine')}`);
      asked.length = 0;
      const built = await problemOf(engine.build({ dockerfile: `FROM ${host}/private/app:2\n`, dockerfileName: 'Dockerfile.x', tags: [] }));
      // Without TLS BuildKit asks registries of the loopback network only, and those that are named one by one (rootless: it is another machine's).
      const isAsked = host.startsWith('127.');
      expect(built).toMatchObject({ name: 'UserError', code: isAsked ? 'registry-denied' : 'image-not-pulled' });
      expect([...new Set(asked.filter((header) => header !== undefined))]).toEqual(isAsked ? [`Basic ${auth('me', 'mine')}`] : []);
    } finally {
      engine.close();
      registry.closeAllConnections();
      registry.close();
      await rm(config, { recursive: true });
    }
  });
});
