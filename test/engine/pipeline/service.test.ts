/** A started release: how it runs, how it is found, how it makes way for the next, how it ends. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { beforeAll, expect, test } from 'vitest';
import type { StartResult } from '../../../src/core/request.js';
import { useSandbox } from '../../support/core.js';
import { FakeTerminal } from '../../support/terminal.js';
import { makeRandomProject } from '../../support/random-project.js';
import type { RandomProject } from '../../support/random-project.js';
import { ask, containersWith, inspectService } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const signal = new AbortController().signal;
let project: RandomProject;
let started: StartResult;
const said: string[] = [];

beforeAll(async () => {
  project = await makeRandomProject(sandbox.folder, 5);
  await sandbox.make(project.root);
  started = await start();
});

function start(port?: number): Promise<StartResult> {
  return sandbox.core.start({ ...sandbox.request(project.root), ...(port !== undefined && { port }) }, (_stream, line) => said.push(line), signal);
}

test('answers on a port of this machine only', async () => {
  expect(started.alreadyRunning).toBe(false);
  expect(started.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(started.url ?? '')).text()).toContain(project.sentence);
  expect(said.join('\n')).toContain('Listening at: http://0.0.0.0:8000');
});

test('with a read-only root, memory for temporary files, without privileges, healthy', async () => {
  const { HostConfig, Mounts, Config, State, NetworkSettings } = await inspectService(started.id);
  expect(HostConfig.ReadonlyRootfs).toBe(true);
  expect(Mounts.map(({ Type, Destination }) => `${Type} ${Destination}`).sort()).toEqual(['tmpfs /home/app', 'tmpfs /tmp', 'volume /data']);
  expect(Config.User).toMatch(/^[1-9]\d*:0$/);
  expect(State.Health.Status).toBe('healthy');
  const addresses = Object.values(NetworkSettings.Ports)
    .flat()
    .map((port) => port?.HostIp);
  expect(addresses).toEqual(['127.0.0.1']);
  const top = await ask(z.object({ Processes: z.array(z.array(z.string())) }), `/containers/${started.id}/top?ps_args=-eo%20pid,uid,args`);
  const servers = top.Processes.filter(([, , args]) => args?.includes('gunicorn'));
  expect(servers.length).toBeGreaterThanOrEqual(2);
  expect(new Set(servers.map(([, uid]) => uid))).toEqual(new Set(['10001']));
});

test('is found by status, and a second start leaves it alone', async () => {
  const status = await sandbox.core.status(sandbox.request(project.root), signal);
  expect(status.services).toMatchObject([{ id: started.id, state: 'running', health: 'healthy', url: started.url }]);
  expect(await start()).toMatchObject({ id: started.id, alreadyRunning: true, url: started.url });
});

test('the image run in a terminal is beside it, on a free port, and goes with its terminal', async () => {
  const terminal = new FakeTerminal();
  const ending = new AbortController();
  const running = sandbox.core.runImage({ env: process.env, image: started.image, what: 'own' }, terminal, ending.signal);
  const ended = running.catch((error: unknown) => error);
  await terminal.says(/Listening at/);
  const { project: status } = await sandbox.core.status(sandbox.request(project.root), signal);
  const labels = { 'io.pypackage.kind': 'job', 'io.pypackage.project': status.id };
  const [own] = await containersWith(labels);
  const { NetworkSettings } = await inspectService(own?.Id ?? '');
  const port = NetworkSettings.Ports['8000/tcp']?.[0]?.HostPort;
  expect(started.url).not.toContain(`:${port}`);
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toContain(project.sentence);
  ending.abort();
  expect(await ended).toMatchObject({ name: 'CancelledError' });
  expect(await containersWith(labels)).toEqual([]);
});

test('a wanted port that somebody has is an error, and what runs is not lost', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await expect(start(port)).rejects.toMatchObject({ code: 'port-in-use' });
  await new Promise((resolve) => {
    server.close(resolve);
  });
  const { services } = await sandbox.core.status(sandbox.request(project.root), signal);
  expect(services).toMatchObject([{ state: 'running', url: started.url }]);
  // Free now, it is taken.
  started = await start(port);
  expect(started).toMatchObject({ url: `http://127.0.0.1:${port}`, alreadyRunning: false });
});

test('a newer release takes its place', async () => {
  const views = join(project.root, project.module, '__init__.py');
  await writeFile(views, `${await readFile(views, 'utf8')}# newer\n`);
  const { release } = await sandbox.make(project.root);
  const next = await start();
  expect(next).toMatchObject({ alreadyRunning: false });
  expect(next.id).not.toBe(started.id);
  const status = await sandbox.core.status(sandbox.request(project.root), signal);
  expect(status.services.map(({ id }) => id)).toEqual([next.id]);
  expect(next.image.startsWith(`${release.image}:`)).toBe(true);
  started = next;
});

test('its output can be read, and it stops at once and keeps its data', async () => {
  await fetch(started.url ?? '');
  const logged: string[] = [];
  await sandbox.core.logs({ ...sandbox.request(project.root), follow: false }, (_stream, line) => logged.push(line), signal);
  expect(logged.join('\n')).toContain('"GET / HTTP/1.1" 200');
  const began = performance.now();
  expect(await sandbox.core.stop(sandbox.request(project.root), signal)).toEqual([started.name]);
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(await sandbox.core.stop(sandbox.request(project.root), signal)).toEqual([]);
  await expect(fetch(started.url ?? '')).rejects.toThrow('fetch failed');
  const { project: identity } = await sandbox.core.status(sandbox.request(project.root), signal);
  const volumes = await ask(z.object({ Volumes: z.array(z.object({ Labels: z.nullish(z.record(z.string(), z.string())) })) }), '/volumes');
  expect(volumes.Volumes.filter(({ Labels }) => Labels?.['io.pypackage.project'] === identity.id)).toHaveLength(1);
});

test('without a release there is nothing to start, and it is said how to make one', async () => {
  const other = sandbox.request(project.root, { namespace: `${sandbox.namespace}-none` });
  await expect(sandbox.core.start(other, () => undefined, signal)).rejects.toMatchObject({ code: 'no-release', fix: 'Make one: pypackage all' });
});

test('settings that raise at the start: what they wrote last', async () => {
  const settings = join(project.root, `${project.settings.replaceAll('.', '/')}.py`);
  const guard = 'if "STATIC_ROOT" in os.environ and os.environ.get("SECRET_KEY") != "only-for-collectstatic":\n    raise RuntimeError("no secret was given")\n';
  await writeFile(settings, `${await readFile(settings, 'utf8')}${guard}`);
  await sandbox.make(project.root);
  const error: unknown = await start().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: 'stage' });
  expect(error).toMatchObject({
    message: expect.stringMatching(/exit code \d+: RuntimeError: no secret was given$/),
    why: expect.stringMatching(/^It wrote last:\n/),
  });
  expect(said.slice(-30).join('\n')).toContain('no secret was given');
  expect((await sandbox.core.status(sandbox.request(project.root), signal)).services).toEqual([]);
});
