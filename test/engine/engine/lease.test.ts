/** The lease of a target: one holder, and it ends with it however that dies. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { LABEL } from '../../../src/core/engine/labels.js';
import { CancelledError } from '../../../src/core/errors.js';
import { thisHolder } from '../../../src/core/holder.js';
import { StaleFacts, TargetLease, leaseName } from '../../../src/core/pipeline/lease.js';
import type { TargetName } from '../../../src/core/pipeline/lease.js';
import { call } from '../../support/raw-engine.js';
import { BASE, problemOf, until, useEngine } from './harness.js';

const bench = useEngine();

function target(): TargetName {
  return { projectId: bench.id, target: 'app' };
}

function lease(wait: boolean, said: string[] = []): TargetLease {
  return new TargetLease({
    engine: bench.engine,
    facts: target(),
    run: 'test-run',
    wait,
    onWait: (_stage, text) => said.push(text),
    signal: AbortSignal.timeout(60_000),
  });
}

const holder = () => bench.engine.inspectContainer(leaseName(target()));
/** A lease as a process leaves it that was killed at once: made, and nobody there to start it. */
async function unstarted(by: string): Promise<void> {
  const body = { Image: BASE, Cmd: ['cat'], Labels: { ...bench.labels, [LABEL.holder]: by } };
  await call('POST', `/containers/create?name=${leaseName(target())}`, JSON.stringify(body));
}
const isFree = async (): Promise<boolean> => (await holder()) === undefined;

describe('a lease', () => {
  it('has one holder; who may not wait is told, who waits gets it and has to look again', async () => {
    const first = lease(true);
    await first.take(BASE, 'base');
    expect(await problemOf(lease(false).take(BASE, 'base'))).toMatchObject({ code: 'lease-held', kind: 'lease' });
    const said: string[] = [];
    const second = lease(true, said);
    const taken = problemOf(second.take(BASE, 'wheels'));
    await until(() => said.length > 0, 'the second run says that it waits');
    await first.release();
    expect(await taken).toBeInstanceOf(StaleFacts);
    expect(said).toEqual([expect.stringContaining('waiting for run test-run')]);
    await second.release();
    await until(isFree, 'the lease is free');
  });

  it('whose holder died before it was started is taken over', async () => {
    await unstarted('');
    const next = lease(true);
    const began = performance.now();
    expect(await problemOf(next.take(BASE, 'base'))).toBeInstanceOf(StaleFacts);
    expect(performance.now() - began).toBeLessThan(15_000);
    await next.release();
    await until(isFree, 'the lease is free');
  }, 30_000);

  it('whose holder is known to have ended is taken over at once, also by a run that may not wait', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const [machine] = thisHolder()?.split('-') ?? [];
    await unstarted(`${machine}-${child.pid}-1`);
    const next = lease(false);
    const began = performance.now();
    expect(await problemOf(next.take(BASE, 'base'))).toBeInstanceOf(StaleFacts);
    expect(performance.now() - began).toBeLessThan(3_000);
    await next.release();
    await until(isFree, 'the lease is free');
  });

  it('that a live process has still to start is its own', async () => {
    await unstarted(thisHolder() ?? '');
    expect(await problemOf(lease(false).take(BASE, 'base'))).toMatchObject({ code: 'lease-held' });
    expect(await holder()).toMatchObject({ state: 'created' });
    await call('DELETE', `/containers/${leaseName(target())}?force=1`);
  });

  it('that somebody took before it was started is lost, and its holder learns it', async () => {
    const first = lease(true);
    await first.take(BASE, 'base');
    const said = new Error('said by the work');
    expect(await first.explain(said)).toBe(said);
    await call('DELETE', `/containers/${leaseName(target())}?force=1`);
    const second = lease(false);
    await second.take(BASE, 'base');
    await until(() => first.lost.aborted, 'the first learns that it has none');
    expect(await first.explain(new CancelledError())).toMatchObject({ code: 'lease-lost', kind: 'lease' });
    await first.release();
    // Its own, which runs by now, was not touched.
    await until(async () => (await holder())?.state === 'running', 'the second has it');
    expect(second.lost.aborted).toBe(false);
    await call('DELETE', `/containers/${leaseName(target())}?force=1`);
    await until(() => second.lost.aborted, 'the second learns it, too');
    await second.release();
  }, 30_000);

  it('that is lost explains what failed because of it', async () => {
    const first = lease(true);
    await first.take(BASE, 'base');
    const said = new Error('the container was removed by somebody else');
    await call('DELETE', `/containers/${leaseName(target())}?force=1`);
    const second = lease(false);
    await second.take(BASE, 'base');
    expect(await first.explain(said)).toMatchObject({ code: 'lease-lost' });
    await Promise.all([first.release(), second.release()]);
    await until(isFree, 'the lease is free');
  });

  it('that runs ends with a process that is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pypackage-lease-'));
    try {
      const script = join(folder, 'holder.cjs');
      const connect = JSON.stringify(resolve('src/core/engine/connect.ts'));
      await writeFile(
        join(folder, 'holder.ts'),
        `void import(${connect}).then(async ({ connectEngine }) => {
          const engine = await connectEngine({ env: process.env });
          await engine.takeLease(JSON.parse(process.argv[2]));
          setInterval(() => undefined, 1000);
        });`,
      );
      // What the product leaves out of its bundles (scripts/build.mjs), and a lease does not need.
      const external = ['@grpc/*', 'protobufjs', 'ssh2'];
      await build({
        entryPoints: [join(folder, 'holder.ts')],
        outfile: script,
        bundle: true,
        platform: 'node',
        format: 'cjs',
        external,
        loader: { '.sh': 'text', '.py': 'text' },
        logLevel: 'error',
      });
      const request = { name: leaseName(target()), image: BASE, labels: bench.labels };
      const child = spawn(process.execPath, [script, JSON.stringify(request)], {
        stdio: 'inherit',
        env: { ...process.env, NODE_PATH: resolve('node_modules') },
      });
      await until(async () => (await holder())?.state === 'running', 'the lease runs', 20_000);
      child.kill('SIGKILL');
      await until(isFree, 'the lease ends with its holder', 5_000);
      expect(child.signalCode).toBe('SIGKILL');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 40_000);
});
