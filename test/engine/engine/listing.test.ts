import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listEngines } from '../../../src/core/engine/listing.js';
import type { EngineListing, ListedEngine } from '../../../src/core/engine/listing.js';
import { CancelledError } from '../../../src/core/errors.js';
import { problemOf, useEngine } from './harness.js';

const bench = useEngine();
const folder = mkdtempSync(join(tmpdir(), 'pypackage-listing-'));
const config = join(folder, 'docker');
const silent = createServer(() => undefined);

afterAll(() => {
  silent.close();
  rmSync(folder, { recursive: true, force: true });
});

function context(name: string, host: string): void {
  const meta = join(config, 'contexts/meta', createHash('sha256').update(name).digest('hex'));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
}

function listed(more: Readonly<Record<string, string>>, engine?: string): Promise<EngineListing> {
  const env = { HOME: folder, PATH: process.env['PATH'], DOCKER_CONFIG: config, XDG_RUNTIME_DIR: join(folder, 'run'), ...more };
  return listEngines({ env, ...(engine !== undefined && { engine: { value: engine, source: '--engine' } }) });
}

function bySource({ engines }: EngineListing, source: string): ListedEngine | undefined {
  return engines.find((one) => one.source === source);
}

const chosenOf = ({ engines }: EngineListing): readonly string[] => engines.filter(({ chosen }) => chosen).map(({ source }) => source);

describe('the list of engines', () => {
  it('has what was asked for, all contexts and the usual places, each with its answer', async () => {
    const docker = `${bench.product} ${bench.engine.info.version}`;
    context('work', `unix://${bench.socket}`);
    context('gone', `unix://${join(folder, 'gone.sock')}`);
    context('odd', 'gopher://x');
    await new Promise<void>((resolve) => silent.listen(join(folder, 'silent.sock'), resolve));
    const began = performance.now();
    const listing = await listed({ DOCKER_HOST: 'tcp://127.0.0.1:9', DOCKER_CONTEXT: 'nowhere' }, join(folder, 'silent.sock'));
    expect(performance.now() - began).toBeLessThan(9_000);
    expect(listing.why).toBe('--engine names it');
    expect(chosenOf(listing)).toEqual(['--engine']);
    expect(bySource(listing, '--engine')).toMatchObject({
      state: 'trouble',
      answer: 'no answer',
      message: expect.stringContaining('did not answer within 6 s'),
    });
    expect(bySource(listing, 'DOCKER_HOST')).toMatchObject({ url: 'tcp://127.0.0.1:9', state: 'trouble', answer: 'not running', fix: expect.any(String) });
    expect(bySource(listing, 'DOCKER_CONTEXT')).toMatchObject({ url: 'nowhere', state: 'trouble', answer: 'no such context' });
    expect(bySource(listing, 'context "work"')).toMatchObject({ url: `unix://${bench.socket}`, value: 'work', state: 'answers', answer: docker });
    expect(bySource(listing, 'context "gone"')).toMatchObject({ state: 'trouble', answer: 'no such socket' });
    expect(bySource(listing, 'context "odd"')).toMatchObject({ url: 'odd', state: 'trouble', answer: 'not an address' });
    expect(bySource(listing, 'rootless Docker')).toMatchObject({ url: `unix://${join(folder, 'run/docker.sock')}`, state: 'absent', answer: 'no such socket' });
  });

  it('says which one is used and why', async () => {
    const url = `unix://${bench.socket}`;
    const verdict = async (...args: Parameters<typeof listed>): Promise<readonly string[]> => {
      const listing = await listed(...args);
      return [...chosenOf(listing), listing.why];
    };
    context('work', url);
    expect(await verdict({ DOCKER_HOST: url })).toEqual(['DOCKER_HOST', 'DOCKER_HOST is set']);
    expect(await verdict({ DOCKER_CONTEXT: 'work' })).toEqual(['context "work" (DOCKER_CONTEXT)', 'DOCKER_CONTEXT names it']);
    writeFileSync(join(config, 'config.json'), JSON.stringify({ currentContext: 'work' }));
    const current = await listed({});
    expect([...chosenOf(current), current.why]).toEqual(['context "work"', "it is Docker's current context"]);
    expect(bySource(current, 'context "work"')?.value).toBe('work');
    writeFileSync(join(config, 'config.json'), '{ no JSON');
    const broken = await listed({});
    expect(chosenOf(broken)).toEqual([]);
    expect(broken.why).toContain("Docker's configuration is not valid JSON");
    expect(broken.engines[0]).toMatchObject({ url: join(config, 'config.json'), answer: 'not valid JSON' });
    rmSync(config, { recursive: true });
    mkdirSync(join(folder, 'run'), { recursive: true });
    const proxy = createServer((client) => client.destroy());
    await new Promise<void>((resolve) => proxy.listen(join(folder, 'run/docker.sock'), resolve));
    const usual = await listed({});
    proxy.close();
    // Whether this machine has an engine at the usual place is not the test's to say; that one that only breaks off is not taken, is.
    expect(chosenOf(usual)).not.toContain('rootless Docker');
    expect(bySource(usual, 'rootless Docker')?.state).toBe('trouble');
    expect(usual.why).toMatch(/^it is the first of the usual places that answers$|broke off|No container engine/);
  });

  it('says no password, and can be cancelled', async () => {
    const { engines } = await listed({ DOCKER_HOST: 'ssh://me:secret@127.0.0.1:9' });
    expect(JSON.stringify(engines)).not.toContain('secret');
    const controller = new AbortController();
    const cancelled = problemOf(listEngines({ engine: { value: join(folder, 'silent.sock'), source: '--engine' }, env: { HOME: folder } }, controller.signal));
    controller.abort();
    expect(await cancelled).toBeInstanceOf(CancelledError);
  });
});
