/** Several windows on one project, the command line beside them, and a window that is loaded again while it builds. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Server } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { BASE_IMAGE, containersOf, copySample, newNamespace, releaseImages, removeNamespace, type Sample } from './harness/workspace.js';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const namespace = newNamespace();
let browser: Browser;
let sample: Sample;
let server: Server;

beforeAll(async () => {
  browser = await launchBrowser();
  sample = await copySample('greet');
  server = await Server.start({ open: sample.folder, settings: { 'pypackage.namespace': namespace, 'pypackage.baseImage': BASE_IMAGE } });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await sample?.remove();
  await removeNamespace(namespace);
});

/** A build backend of the project's own that takes its time. */
function makeSlow(): void {
  writeFileSync(join(sample.folder, 'slow_backend.py'), 'import time\nprint("the slow part begins", flush=True)\ntime.sleep(120)\n');
  const file = join(sample.folder, 'pyproject.toml');
  const slow = '[build-system]\nrequires = []\nbuild-backend = "slow_backend"\nbackend-path = ["."]\n\n';
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\[build-system\][^[]*/, slow));
}

test('a run is seen in the other window, from its beginning to its end; a reload says what it interrupted', async () => {
  const first = await EditorWindow.open(browser, server);
  const second = await EditorWindow.open(browser, server);
  await first.buttonSays(/greet$/);
  await second.buttonSays(/greet$/);

  // Short runs are seen, too: the other window knows the outcome, and says nothing.
  await first.press();
  await first.toast(/greet .* is ready/).waitFor({ timeout: 150_000 });
  await expect.poll(() => second.tooltip(), { timeout: 20_000 }).toMatch(/Done .* in/);
  expect(await second.toasts.count()).toBe(0);
  const released = await releaseImages(namespace, 'greet');
  expect(released).toHaveLength(1);
  await first.dismissToasts();

  makeSlow();
  await first.press();
  await second.buttonSays(/greet: running/, 60_000);
  expect(await second.tooltip()).toMatch(/another window/);
  await second.screenshot('running-in-another-window');
  expect(await second.toasts.count()).toBe(0);

  await expect.poll(() => containersOf(sample), { timeout: 60_000 }).not.toEqual([]);
  await first.page.reload();
  const message = first.toast(/The build of greet was interrupted: its window was closed or reloaded \(\w+, .*\)\. The last release, [\d.]+, is as it was\./);
  await message.waitFor({ timeout: 60_000 });
  await first.screenshot('interrupted-by-reload');
  await message.getByRole('button', { name: 'Build' }).waitFor();
  await message.getByRole('button', { name: 'Show Log' }).click();
  await first.tab(/greet.*\.log/).waitFor();
  await first.buttonSays(/greet$/);
  expect(await first.tooltip()).toMatch(/Interrupted/);
  // The other window knows it, too, and is not told.
  await second.buttonSays(/greet$/, 30_000);
  expect(await second.tooltip()).toMatch(/Interrupted/);
  expect(await second.toasts.count()).toBe(0);
  await expect.poll(() => containersOf(sample), { timeout: 20_000 }).toEqual([]);
  expect(await releaseImages(namespace, 'greet')).toEqual(released);

  // Told once: not again after the next reload.
  await first.page.reload();
  await first.buttonSays(/greet$/, 60_000);
  await first.page.waitForTimeout(1500);
  expect(await first.toasts.count()).toBe(0);
  await second.close();
});

test("the command line's run is seen, also when it is killed", async () => {
  const window = await EditorWindow.open(browser, server);
  await window.buttonSays(/greet$/);
  const child = spawn(process.execPath, [CLI, 'all', '--project', sample.folder, '--namespace', namespace], {
    env: { ...process.env, XDG_STATE_HOME: join(server.folder, 'xdg'), XDG_CACHE_HOME: join(server.folder, 'xdg'), PYPACKAGE_BASE_IMAGE: BASE_IMAGE },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await window.buttonSays(/greet: running/, 60_000);
    expect(await window.tooltip()).toMatch(/command line/);
    await window.screenshot('running-on-the-command-line');
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  await window.buttonSays(/greet$/, 30_000);
  expect(await window.tooltip()).toMatch(/Interrupted/);
  expect(await window.toasts.count()).toBe(0);
});
