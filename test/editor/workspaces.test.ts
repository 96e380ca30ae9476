/** Which project is meant: none, one that comes and goes, or one of several. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  const write = (file: string, text: string): void => {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  write('pyproject.toml', '[tool.ruff]\nline-length = 100\n');
  write('services/api/pyproject.toml', '[project]\nname = "shop-api"\nversion = "1"\n[build-system]\nrequires = []\n');
  write('services/api/src/handlers.py', '');
  write('services/mail/setup.py', 'setup(name="shop-mail")\n');
  write('docs/pyproject.toml', '[project]\nname = "shop-docs"\nversion = "1"\n');
  server = await Server.start({ open: folder, settings });
  const window = await EditorWindow.open(browser, server);
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
