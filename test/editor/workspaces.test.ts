/** Which project is meant: none, one that comes and goes, or one of several. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Server } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { BASE_IMAGE, copySample, newNamespace } from './harness/workspace.js';

const settings = { 'pypackage.namespace': newNamespace(), 'pypackage.baseImage': BASE_IMAGE };
let browser: Browser;
let folder: string;
let server: Server | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pypackage-workspace-'));
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await server?.stop();
  server = undefined;
  rmSync(folder, { recursive: true });
});

afterAll(() => browser?.close());

function write(file: string, text: string): void {
  mkdirSync(join(folder, dirname(file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

function writeProject(at: string, name: string): void {
  write(join(at, 'pyproject.toml'), `[project]\nname = "${name}"\nversion = "1"\n[build-system]\nrequires = []\n`);
}

test('a folder without a project has no button; it comes and goes with the project', async () => {
  server = await Server.start({ open: folder, settings });
  const window = await EditorWindow.open(browser, server);
  await window.command('PyPackage: Build');
  await window.toast(/This window has no Python project/).waitFor();
  await window.screenshot('no-project');
  expect(await window.button.count()).toBe(0);
  expect(await window.offers('PyPackage: Start')).toBe(false);
  writeFileSync(join(folder, 'pyproject.toml'), '[project]\nname = "appears"\nversion = "1"\n');
  await window.buttonSays(/appears$/);
  expect(await window.offers('PyPackage: Start')).toBe(true);
  writeFileSync(join(folder, 'pyproject.toml'), '[project]\nname = "renamed"\nversion = "1"\n');
  await window.buttonSays(/renamed$/);
  rmSync(join(folder, 'pyproject.toml'));
  await expect.poll(() => window.button.count()).toBe(0);
  // Below the top, too; and it goes with a folder above it.
  writeProject('services/api', 'below');
  await window.buttonSays(/below$/);
  writeProject('docs/example', 'shown-only');
  writeProject('services/mail', 'second');
  await window.picker.filter({ hasText: 'services/api' }).waitFor();
  renameSync(join(folder, 'services'), join(folder, 'moved'));
  await window.picker.filter({ hasText: 'moved/api' }).waitFor();
  await window.buttonSays(/below$/);
  await window.screenshot('project-below-moved');
  rmSync(join(folder, 'moved'), { recursive: true });
  await expect.poll(() => window.button.count()).toBe(0);
  await expect.poll(() => window.picker.count()).toBe(0);
});

test('of several projects the button shows that of the editor in front, and a command asks', async () => {
  const samples = [await copySample('polls'), await copySample('greet')];
  try {
    const workspace = join(folder, 'both.code-workspace');
    writeFileSync(workspace, JSON.stringify({ folders: samples.map((sample) => ({ path: sample.folder })) }));
    server = await Server.start({ open: workspace, settings });
    const window = await EditorWindow.open(browser, server);
    await window.buttonSays(/polls$/);
    await window.command('PyPackage: Show Dockerfile');
    await window.quickInput.getByPlaceholder('Which project').waitFor();
    await window.screenshot('which-project');
    await window.pick(/^greet/);
    await window.pick(/^base/);
    await window.tab(/Dockerfile\.base/).waitFor();
    // A document of greet is in front now: nobody has to be asked again.
    await window.buttonSays(/greet$/);
    await window.page.keyboard.press('Control+p');
    await window.page.keyboard.type('greeting.py');
    await window.pick(/greeting\.py/);
    await window.tab(/greeting\.py/).waitFor();
    await window.buttonSays(/greet$/);
    await window.command('PyPackage: Show Dockerfile');
    await window.quickInput.getByPlaceholder('Which image').waitFor();
    expect(await window.quickInput.getByRole('option').count()).toBe(4);
  } finally {
    for (const sample of samples) await sample.remove();
  }
});

test('projects below the top: that of the file in front, and those that a command finds', async () => {
  write('pyproject.toml', '[tool.ruff]\nline-length = 100\n');
  writeProject('services/api', 'shop-api');
  write('services/api/src/handlers.py', '');
  write('services/mail/setup.py', 'setup(name="shop-mail")\n');
  write('docs/pyproject.toml', '[project]\nname = "shop-docs"\nversion = "1"\n');
  server = await Server.start({ open: folder, settings });
  const window = await EditorWindow.open(browser, server);
  // Nobody asked, and no file of it is open.
  await window.buttonSays(/shop-api$/);
  await window.command('PyPackage: Build');
  await window.quickInput.getByPlaceholder('Which project').waitFor();
  expect(await window.quickInput.getByRole('option').count()).toBe(2);
  await window.screenshot('which-project-below');
  await window.page.keyboard.press('Escape');
  await window.page.keyboard.press('Control+p');
  await window.page.keyboard.type('handlers.py');
  await window.pick(/handlers\.py/);
  await window.buttonSays(/shop-api$/);
  await window.command('PyPackage: Show Dockerfile');
  await window.quickInput.getByPlaceholder('Which image').waitFor();
});

test('the target is that of the editor in front until one is chosen, which is remembered; folders come and go', async () => {
  for (const name of ['alpha', 'beta', 'gamma']) writeProject(name, name);
  write('beta/code.py', '');
  write('alpha/code.py', '');
  const workspace = join(folder, 'three.code-workspace');
  const open = (...names: readonly string[]): void => writeFileSync(workspace, JSON.stringify({ folders: names.map((path) => ({ path })) }));
  open('alpha', 'beta');
  server = await Server.start({ open: workspace, settings });
  const window = await EditorWindow.open(browser, server);
  await window.buttonSays(/alpha$/);
  await window.openFile('beta/code.py');
  await window.buttonSays(/beta$/);
  await window.picker.filter({ hasText: '2 targets' }).waitFor();
  expect(await window.picker.locator('a').getAttribute('aria-label')).toBe('PyPackage target: beta in beta, one of 2, follows the active editor');
  await window.picker.locator('a').click();
  await window.quickInput.getByRole('option', { name: /^Follow the Active Editor, current: the project of the file in front/ }).waitFor();
  await window.quickInput.getByRole('option', { name: /^alpha.*not asked yet/ }).waitFor();
  await window.screenshot('select-target');
  await window.pick(/^alpha/);
  await window.buttonSays(/alpha$/);
  await window.screenshot('target-pinned');
  // A command means it, whatever is in front; nobody is asked.
  await window.command('PyPackage: Show Dockerfile');
  await window.quickInput.getByPlaceholder('Which image').waitFor();
  await window.page.keyboard.press('Escape');

  await window.page.reload();
  await window.buttonSays(/alpha$/, 60_000);
  await window.openFile('beta/code.py');
  await window.buttonSays(/alpha$/);
  expect(await window.picker.locator('a').getAttribute('aria-label')).toContain('chosen for this workspace');

  open('alpha', 'beta', 'gamma');
  await window.picker.filter({ hasText: '3 targets' }).waitFor();
  await window.picker.locator('a').click();
  await window.quickInput.getByRole('option', { name: /^alpha, current/ }).waitFor();
  await window.pick(/^gamma/);
  await window.buttonSays(/gamma$/);
  open('alpha', 'beta');
  // The chosen one is gone: the file in front counts again, until it is back.
  await window.buttonSays(/beta$/);
  open('alpha', 'beta', 'gamma');
  await window.buttonSays(/gamma$/);
  await window.picker.locator('a').click();
  await window.pick(/^Follow the Active Editor/);
  await window.buttonSays(/beta$/);
});
