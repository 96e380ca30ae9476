/** What somebody is told whose editor or terminal is in a container, and whose engine is not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { around, type Around, seenInside } from '../../../src/core/engine/around.js';
import { connectEngine, firstThatAnswers, open } from '../../../src/core/engine/connect.js';
import type { Candidate } from '../../../src/core/engine/endpoints.js';
import { UserError } from '../../../src/core/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'pypackage-around-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const none = (): Promise<boolean> => Promise.resolve(false);
const only =
  (file: string) =>
  (asked: string): Promise<boolean> =>
    Promise.resolve(asked === file);

describe('where we are', () => {
  it.each<[Around | undefined, Readonly<Record<string, string>>, (file: string) => Promise<boolean>]>([
    [undefined, {}, none],
    ['a container', {}, only('/.dockerenv')],
    ['a container', {}, only('/run/.containerenv')],
    ['a dev container', { REMOTE_CONTAINERS: 'true' }, only('/.dockerenv')],
    ['a codespace', { CODESPACES: 'true', REMOTE_CONTAINERS: 'true' }, only('/.dockerenv')],
    [undefined, { REMOTE_CONTAINERS: '', CODESPACES: 'false' }, none],
  ])('%s', async (place, env, exists) => {
    expect(await around(env, exists)).toBe(place);
  });
});

const path = join(folder, 'absent.sock');
const absent: Candidate = { endpoint: { url: `unix://${path}`, source: 'default socket' }, address: { kind: 'socket', path } };

async function problem(place: Around | undefined, programs: readonly string[] = []): Promise<UserError> {
  const bin = mkdtempSync(join(folder, 'bin-'));
  for (const program of programs) writeFileSync(join(bin, program), '', { mode: 0o755 });
  const env = { PATH: bin };
  const found = await firstThatAnswers(
    [absent],
    env,
    (candidate) => open(candidate, env, undefined),
    () => Promise.resolve(place),
  ).catch((error: unknown) => error);
  if (!(found instanceof UserError)) throw new Error('something answers there');
  return found;
}

describe('where no engine answers', () => {
  it('in a dev container: that it is one, and how the socket gets in', async () => {
    const { code, message, why, fix } = await problem('a dev container');
    expect({ code, message }).toEqual({ code: 'engine-outside', message: 'No container engine answers in this dev container' });
    expect(why).toBe(`This is a dev container, and the socket of an engine is not in it unless somebody brings it in. Nothing listens at ${path}`);
    expect(fix).toContain('devcontainer.json "mounts": ["source=/var/run/docker.sock,target=/var/run/docker.sock,type=bind"]');
    expect(fix).toContain('ghcr.io/devcontainers/features/docker-outside-of-docker:1');
  });

  it('in a codespace, which has an engine of its own', async () => {
    expect(await problem('a codespace')).toMatchObject({ code: 'engine-outside', fix: expect.stringContaining('docker-in-docker:2') });
  });

  it('in another container', async () => {
    expect(await problem('a container')).toMatchObject({
      code: 'engine-outside',
      fix: expect.stringContaining('-v /var/run/docker.sock:/var/run/docker.sock'),
    });
  });

  it("Docker's client in it is there for the engine outside; a daemon is one that could be started", async () => {
    expect(await problem('a dev container', ['docker'])).toMatchObject({ code: 'engine-outside' });
    expect(await problem('a dev container', ['docker', 'dockerd'])).toMatchObject({ code: 'engine-not-running' });
  });

  it('on a machine of its own nothing is said of containers', async () => {
    expect(await problem(undefined)).toMatchObject({ code: 'engine-not-installed', fix: expect.not.stringContaining('devcontainer') });
  });
});

it('a socket that was named and is not there: the same, and still by its own name', async () => {
  const env = { DOCKER_HOST: `unix://${path}`, REMOTE_CONTAINERS: 'true' };
  const found = await connectEngine({ env }).catch((error: unknown) => error);
  expect(found).toMatchObject({
    code: 'engine-no-socket',
    message: `No engine listens at unix://${path}: there is no such socket`,
    why: expect.stringContaining('This is a dev container'),
    fix: expect.stringContaining('docker-outside-of-docker:1'),
  });
});

it('a socket that was brought in without the right to use it', () => {
  const refused = new UserError({ kind: 'engine', code: 'engine-no-permission', message: 'no permission', fix: 'sudo usermod' });
  expect(seenInside(refused, 'a dev container').fix).toContain('docker-outside-of-docker');
  expect(seenInside(refused, 'a container')).toBe(refused);
  expect(seenInside(refused, undefined)).toBe(refused);
});

it('an engine that answers and refuses is no matter of containers', () => {
  const other = new UserError({ kind: 'engine', code: 'engine-too-old', message: 'too old' });
  expect(seenInside(other, 'a dev container')).toBe(other);
});
