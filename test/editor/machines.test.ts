/** Another extension that uses ours: its API, and the tools for language models as an assistant calls them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Server } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { BASE_IMAGE, containersOf, copySample, newNamespace, removeNamespace, type Sample } from './harness/workspace.js';

const namespace = newNamespace();
const folder = mkdtempSync(join(tmpdir(), 'pypackage-calls-'));
const calls = join(folder, 'calls.json');
let browser: Browser;
let sample: Sample;
let server: Server;
let window: EditorWindow;

beforeAll(async () => {
  browser = await launchBrowser();
  sample = await copySample('greet');
  const settings = { 'pypackage.namespace': namespace, 'pypackage.baseImage': BASE_IMAGE };
  server = await Server.start({ open: sample.folder, settings, env: { PYPACKAGE_TEST_CALLS: calls } });
  window = await EditorWindow.open(browser, server);
  await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await window.buttonSays(/greet$/);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await sample?.remove();
  await removeNamespace(namespace);
  rmSync(folder, { recursive: true, force: true });
});

/** Has the other extension do it, and waits for what came of it. */
async function call(...list: readonly (readonly [name: string, options?: object])[]): Promise<readonly unknown[]> {
  await begin(...list);
  return ended();
}

async function begin(...list: readonly (readonly [name: string, options?: object])[]): Promise<void> {
  rmSync(`${calls}.answer`, { force: true });
  writeFileSync(calls, JSON.stringify(list));
  await window.command('PyPackage Control: Call');
}

async function ended(): Promise<readonly unknown[]> {
  await expect.poll(() => existsSync(`${calls}.answer`), { timeout: 150_000 }).toBe(true);
  const answers: unknown = JSON.parse(readFileSync(`${calls}.answer`, 'utf8'));
  if (!Array.isArray(answers)) throw new Error('no list of answers');
  return answers;
}

const logOf = (result: unknown): unknown => (typeof result === 'object' && result !== null && 'log' in result ? result.log : undefined);

function writeBackend(lines: string): void {
  writeFileSync(join(sample.folder, 'own_backend.py'), lines);
  const file = join(sample.folder, 'pyproject.toml');
  const own = '[build-system]\nrequires = []\nbuild-backend = "own_backend"\nbackend-path = ["."]\n\n';
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\[build-system\][^[]*/, own));
}

test('the API: targets, a run with its events, and refusals', async () => {
  const [api, targets, done, events] = await call(['api'], ['targets'], ['run', { stages: ['base'], quiet: true }], ['events']);
  expect(api).toEqual({ version: 1, keys: ['version', 'targets', 'run', 'onDidRunEvent', 'onDidChangeTargets'], isFrozen: true });
  expect(targets).toEqual([{ name: 'greet', root: sample.folder }]);
  expect(done).toMatchObject({ outcome: 'done', log: expect.stringMatching(/greet.*\.log$/), milliseconds: expect.any(Number) });
  expect(events).toEqual(expect.arrayContaining([{ target: { name: 'greet', root: sample.folder }, type: 'run.started', isFrozen: true }]));
  expect(events).toEqual(expect.arrayContaining([expect.objectContaining({ type: 'run.finished', isFrozen: true })]));
  // It shows in the window, as any run does, and says nothing: that is the caller's.
  expect(await window.tooltip()).toMatch(/Done/);
  expect(await window.toasts.count()).toBe(0);

  const refused = await call(['run', { root: '/elsewhere' }], ['run', { stages: ['nonsense'] }], ['run', { stages: [] }]);
  expect(refused).toEqual([
    { rejected: expect.stringContaining('no target with the root /elsewhere') },
    { rejected: expect.stringContaining('stages are base, builder, wheels, release') },
    { rejected: expect.stringContaining('stages are') },
  ]);
});

test('commands resolve with what docs/commands.md says', async () => {
  const project = sample.folder;
  const command = (id: string, argument?: unknown): readonly ['command', object] => ['command', { id: `pypackage.${id}`, argument }];
  const [kept, failed, built, log, status, doctor, copied, engine, target, cancelled] = await call(
    command('build', { project, stages: ['base'] }),
    command('buildWheels', { project, command: 'echo no wheel today; exit 3' }),
    command('build', project),
    command('showLog', project),
    command('checkStatus', { project }),
    command('runDoctor', { project }),
    command('copyDiagnostics'),
    command('selectEngine', { engine: 'automatic' }),
    command('selectTarget', { follow: true }),
    command('cancel', project),
  );
  const aLog = expect.stringMatching(/greet.*\.log$/);
  expect(kept).toEqual({ outcome: 'done', ms: expect.any(Number), changed: false, log: aLog });
  const image = expect.stringContaining(`${namespace}/greet-release`);
  expect(built).toEqual({
    outcome: 'done',
    ms: expect.any(Number),
    changed: true,
    log: aLog,
    release: { image, tags: expect.arrayContaining([expect.stringContaining('0.3.1')]) },
  });
  const error = { code: expect.any(String), message: expect.stringContaining('exit code 3') };
  expect(failed).toMatchObject({ outcome: 'failed', stage: 'wheels', changed: true, error, log: aLog });
  expect(log).toBe(logOf(built));
  expect(status).toMatchObject({ project: { name: 'greet' }, stages: expect.arrayContaining([expect.objectContaining({ stage: 'wheels' })]) });
  expect(doctor).toMatchObject({ engine: { product: expect.any(String) } });
  expect(copied).toContain('## PyPackage Docker: diagnostics');
  expect([engine, target]).toEqual(['', '']);
  expect(cancelled).toEqual([]);
  await window.dismissToasts();

  // A wrong argument is told to the person, who has the command from somewhere; nothing runs.
  expect(await call(command('build', { project, stages: 'base' }), command('build', '/elsewhere'))).toEqual([null, null]);
  await window.toast(/stages/).waitFor();
  await window.screenshot('command-wrong-argument');
  await window.dismissToasts();
});

test('the tools: status, a build behind the confirmation of VS Code, and what it failed of', async () => {
  const [tools, status, nothing, wrong] = await call(
    ['tools'],
    ['tool', { name: 'pypackage_status' }],
    ['tool', { name: 'pypackage_lastFailure' }],
    ['tool', { name: 'pypackage_status', project: '/elsewhere' }],
  );
  expect(tools).toEqual(expect.arrayContaining(['pypackage_status', 'pypackage_lastFailure', 'pypackage_build']));
  expect(status).toMatch(/^greet 0\.3\.1 in [^]*\n- base: up to date\n/);
  expect(nothing).toMatch(/ended well/);
  expect(wrong).toBe(`There is no project at /elsewhere. Name one of these folders as "project":\n- greet: ${sample.folder}`);

  writeBackend('raise RuntimeError("no wheel today")\n');
  await begin(['tool', { name: 'pypackage_build' }]);
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  await window.screenshot('tool-confirmation');
  expect(await dialog.innerText()).toMatch(/Build greet/);
  await dialog.getByRole('button', { name: /^(Yes|Allow|Continue)/ }).click();
  const [built] = await ended();
  expect(built).toMatch(/ failed after .*\nError: [^]*quoted as data[^]*\n> .*RuntimeError: no wheel today/);
  await window.buttonSays(/greet: .* failed/);
  expect(await window.toasts.count()).toBe(0);
  const [failure] = await call(['tool', { name: 'pypackage_lastFailure' }]);
  expect(failure).toMatch(/failed after .*\nError: [^]*RuntimeError: no wheel today/);

  writeFileSync(join(sample.folder, 'own_backend.py'), 'import time\ntime.sleep(120)\n');
  // Declined: nothing runs.
  await begin(['tool', { name: 'pypackage_build' }]);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await ended()).toEqual([{ rejected: expect.any(String) }]);
  await window.buttonSays(/greet: .* failed/);
  const [cancelled] = await call(['run', { quiet: true, cancelAfter: 4000 }]);
  expect(cancelled).toMatchObject({ outcome: 'cancelled' });

  // Whoever asked for the build gives it up: the run ends with it.
  await begin(['tool', { name: 'pypackage_build', cancelAt: 'wheels' }]);
  await dialog.getByRole('button', { name: /^(Yes|Allow|Continue)/ }).click();
  expect(await ended()).toEqual([{ rejected: expect.stringMatching(/^Cancell?ed$/) }]);
  await expect.poll(() => containersOf(sample), { timeout: 20_000 }).toEqual([]);
  await window.buttonSays(/greet$/);
  expect(await window.tooltip()).toMatch(/Cancelled/);
  expect(await window.toasts.count()).toBe(0);
});

test('in a folder that is not trusted nothing runs for other programs either', async () => {
  await window.close();
  await server.stop();
  server = await Server.start({ open: sample.folder, askForTrust: true, env: { PYPACKAGE_TEST_CALLS: calls } });
  window = await EditorWindow.open(browser, server);
  await window.buttonSays(/greet$/);
  const [run, ...tools] = await call(['run', {}], ['tool', { name: 'pypackage_status' }], ['tool', { name: 'pypackage_lastFailure' }]);
  expect(run).toEqual({ rejected: 'Nothing runs in a folder that is not trusted' });
  expect(tools).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/^This folder is not trusted, so nothing runs here: /)));
});
