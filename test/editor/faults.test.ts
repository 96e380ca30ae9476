/** What goes wrong is said in one place, on its line, and leaves nothing behind. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { smallWheel } from '../support/wheel-export.js';
import { Server, type ServerOptions } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { BASE_IMAGE, containersOf, copySample, newNamespace, releaseImages, removeNamespace, type Sample } from './harness/workspace.js';

const namespace = newNamespace();
let browser: Browser;
let sample: Sample;
let server: Server | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await server?.stop();
  server = undefined;
  await sample.remove();
});

afterAll(async () => {
  await browser?.close();
  await removeNamespace(namespace);
});

async function openSample(name: 'polls' | 'greet', options: Partial<ServerOptions> = {}): Promise<EditorWindow> {
  sample = await copySample(name);
  server = await Server.start({ open: sample.folder, settings: { 'pypackage.namespace': namespace, 'pypackage.baseImage': BASE_IMAGE }, ...options });
  return EditorWindow.open(browser, server);
}

function edit(file: string, change: (text: string) => string): void {
  const path = join(sample.folder, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

describe('a failure', () => {
  test('in pyproject.toml is a problem on its line, gone with the next run', async () => {
    const window = await openSample('greet');
    await window.buttonSays(/greet$/);
    edit('pyproject.toml', (text) => text.replace(/^version = .*$/m, 'version = '));
    await window.command('PyPackage: Build');
    await window.toast(/greet: .*pyproject\.toml, line \d+\)/).waitFor();
    await window.buttonSays(/greet: .*failed/);
    await window.command('Problems: Focus on Problems View');
    await window.problems().filter({ hasText: 'PyPackage' }).first().waitFor();
    await window.screenshot('broken-pyproject');
    for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern']) {
      await window.useTheme(theme);
      await window.screenshot(`theme-${theme.toLowerCase().replaceAll(' ', '-')}-problems`);
      const problems = await window.contrasts('.markers-panel [role="treeitem"] span');
      expect(problems.length).toBeGreaterThan(1);
      expect(problems.filter(({ ratio }) => ratio < 3)).toEqual([]);
    }
    await window
      .toast(/line \d+/)
      .getByRole('button', { name: 'Show Line' })
      .click();
    await window.tab(/pyproject\.toml/).waitFor();
    edit('pyproject.toml', (text) => text.replace(/^version = $/m, 'version = "0.3.1"'));
    await window.dismissToasts();
    await window.press();
    await window.buttonSays(/greet: \w+ \d+ s/);
    await expect.poll(() => window.problems().filter({ hasText: 'PyPackage' }).count()).toBe(0);
    await window.toast(/greet .* is ready/).waitFor({ timeout: 120_000 });
  });

  test('of a step of a Dockerfile is a problem on the line that raised, and tells of the step in the generated file', async () => {
    const window = await openSample('polls');
    edit('polls/settings.py', (text) => `${text}\nraise RuntimeError("these settings are broken")\n`);
    await window.buttonSays(/polls$/);
    await window.press();
    const toast = window.toast(/release failed: /);
    await toast.waitFor({ timeout: 150_000 });
    await window.buttonSays(/polls: release failed/);
    await window.command('Problems: Focus on Problems View');
    await window.problems().filter({ hasText: 'settings.py' }).first().waitFor();
    await window.screenshot('failed-step');
    await toast.getByRole('button', { name: 'Show Line' }).click();
    await window.tab(/settings\.py/).waitFor();
    expect(await window.editorText()).toContain('these settings are broken');
    await window.screenshot('failed-line');
    // The step is related to it: a click away, in a document of ours.
    await window.problems().filter({ hasText: 'the step that failed' }).first().dblclick();
    await window.tab(/Dockerfile\.release/).waitFor();
    expect(await window.editorText()).toMatch(/RUN /);
    await window.screenshot('failed-step-line');
    expect(server?.outputText()).toContain('these settings are broken');
    expect(await releaseImages(namespace, 'polls')).toEqual([]);
  });

  test('to reach an engine names the places that were tried, and offers the doctor', async () => {
    const window = await openSample('greet', { env: { DOCKER_HOST: `unix://${join(tmpdir(), 'no-engine.sock')}` } });
    await window.buttonSays(/greet$/);
    await window.press();
    const toast = window.toast(/no-engine\.sock/);
    await toast.waitFor();
    await window.screenshot('engine-away');
    await toast.getByRole('button', { name: 'Select Engine' }).waitFor();
    await toast.getByRole('button', { name: 'Run Doctor' }).click();
    await window.tab(/PyPackage Doctor/).waitFor();
    await window.preview.getByText('No engine answers').waitFor();
    expect(await window.preview.locator('body').innerText()).toContain('no-engine.sock');
  });
});

describe('cancelling', () => {
  /** A build backend of the project's own that takes its time. */
  function makeSlow(): void {
    writeFileSync(join(sample.folder, 'slow_backend.py'), 'import time\nprint("the slow part begins", flush=True)\ntime.sleep(120)\n');
    edit('pyproject.toml', (text) =>
      text.replace(/\[build-system\][^[]*/, '[build-system]\nrequires = []\nbuild-backend = "slow_backend"\nbackend-path = ["."]\n\n'),
    );
  }

  test('shows nothing and leaves nothing running, also when the window is closed', async () => {
    const window = await openSample('greet');
    makeSlow();
    await window.buttonSays(/greet$/);
    await window.press();
    await slowParts(1);
    expect(await containersOf(sample)).not.toEqual([]);
    // The button offers what can be done with a run.
    await window.press();
    await window.quickInput.getByRole('option', { name: /Cancel/ }).waitFor();
    await window.screenshot('run-actions');
    await window.pick(/Cancel/);
    await window.buttonSays(/greet$/);
    await expect.poll(() => containersOf(sample), { timeout: 20_000 }).toEqual([]);
    // The progress fades away; anything that stays would be a message.
    await expect.poll(() => window.toasts.count(), { timeout: 5000 }).toBe(0);
    expect(server?.outputText()).toContain('■ Cancelled after');
    expect(await window.offers('PyPackage: Cancel')).toBe(false);

    await window.press();
    await slowParts(2);
    expect(await containersOf(sample)).not.toEqual([]);
    await window.page.reload();
    await window.buttonSays(/greet$/, 60_000);
    await expect.poll(() => containersOf(sample), { timeout: 20_000 }).toEqual([]);
  });

  /** Waits until the slow part has begun so many times. */
  async function slowParts(count: number): Promise<void> {
    await expect.poll(() => server?.outputText().split('the slow part begins').length, { timeout: 120_000 }).toBe(count + 1);
  }
});

describe('a folder that is not trusted', () => {
  let engine: NetServer;
  let connections = 0;
  const folder = mkdtempSync(join(tmpdir(), 'pypackage-listening-'));

  beforeAll(async () => {
    engine = createServer((connection) => {
      connections++;
      connection.destroy();
    });
    await new Promise<void>((resolve) => engine.listen(join(folder, 'engine.sock'), resolve));
  });

  afterAll(() => {
    engine.close();
    rmSync(folder, { recursive: true });
  });

  test('is shown, and nothing of it runs; the button says why', async () => {
    const window = await openSample('polls', { askForTrust: true, env: { DOCKER_HOST: `unix://${join(folder, 'engine.sock')}` } });
    await window.buttonSays(/polls$/);
    expect(await window.tooltip()).toContain('Nothing runs in a folder that is not trusted');
    await window.screenshot('not-trusted');
    for (const title of ['Build', 'Start', 'Check Status', 'Show Dockerfile', 'Run Doctor']) expect(await window.offers(`PyPackage: ${title}`)).toBe(false);
    // Tasks neither: VS Code asks first, and says what for.
    await window.command('Tasks: Run Build Task');
    const dialog = window.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    await window.screenshot('not-trusted-task');
    expect(await dialog.innerText()).toMatch(/tasks/);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await window.press();
    await window.page.locator('.workspace-trust-editor').waitFor();
    // What is in a wheel is read and shown, wherever it lies.
    const six = smallWheel({ name: 'six', version: '1.17.0' });
    writeFileSync(join(sample.folder, six.locked.file), six.content);
    await window.openFile(six.locked.file);
    await window.preview.getByRole('heading', { name: 'six 1.17.0', level: 1 }).waitFor();
    await window.page.locator('.activitybar').getByRole('tab', { name: 'PyPackage' }).click();
    await expect
      .poll(() =>
        window.page
          .locator('.sidebar')
          .getByText(/Nothing of a folder that is not trusted is run/)
          .count(),
      )
      .toBe(3);
    await window.screenshot('not-trusted-sidebar');
    await window.tab(/Workspace Trust/).click();
    expect(connections).toBe(0);
    await window.page.getByRole('button', { name: 'Trust', exact: true }).first().click();
    await expect.poll(() => window.tooltip(), { timeout: 20_000 }).toContain('Not asked yet');
    expect(await window.offers('PyPackage: Build')).toBe(true);
  });
});
