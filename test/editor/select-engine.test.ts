/** Choosing the engine: without a project, in a folder that nobody trusts. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Server } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';

const ENGINE = process.env['DOCKER_HOST'] || 'unix:///var/run/docker.sock';
const folder = mkdtempSync(join(tmpdir(), 'pypackage-select-'));
let browser: Browser;
let server: Server;
let window: EditorWindow;

beforeAll(async () => {
  const config = join(folder, 'docker');
  // Another way to the same engine, and a machine that is off.
  symlinkSync(ENGINE.replace('unix://', ''), join(folder, 'work.sock'));
  for (const [name, host] of [
    ['work', `unix://${join(folder, 'work.sock')}`],
    ['far', 'tcp://127.0.0.1:9'],
  ] as const) {
    const meta = join(config, 'contexts/meta', createHash('sha256').update(name).digest('hex'));
    mkdirSync(meta, { recursive: true });
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
  }
  browser = await launchBrowser();
  const open = join(folder, 'workspace');
  mkdirSync(open);
  server = await Server.start({ open, askForTrust: true, env: { DOCKER_HOST: ENGINE, DOCKER_CONFIG: config } });
  window = await EditorWindow.open(browser, server);
});

beforeEach(async () => {
  await window.command('PyPackage: Select Engine');
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function stored(): unknown {
  const settings: unknown = JSON.parse(readFileSync(join(server.folder, 'ud/Machine/settings.json'), 'utf8'));
  return typeof settings === 'object' && settings !== null && 'pypackage.engine' in settings ? settings['pypackage.engine'] : undefined;
}

const row = (text: RegExp): Locator => window.quickInput.getByRole('option').filter({ hasText: text }).first();
const said = (text: RegExp): Promise<void> => window.page.locator('.statusbar').getByText(text).waitFor();

test('what there is comes with what it answers, and a context that answers is stored for this machine', async () => {
  await row(/Automatic/).waitFor(); // at once
  await row(/Docker \d.*DOCKER_HOST · in use: DOCKER_HOST is set/).waitFor();
  // What a screen reader says; it would say the names of icons, too.
  expect(await row(/Automatic/).getAttribute('aria-label')).toMatch(/^Automatic, current: as the docker command finds it, now Docker \d/);
  expect(await row(/in use: DOCKER_HOST is set/).getAttribute('aria-label')).toMatch(/^Docker \d/);
  expect(await row(/context "far"/).innerText()).toMatch(/not running[^]*tcp:\/\/127\.0\.0\.1:9/);
  await window.screenshot('select-engine');
  await row(/context "work"/).click();
  await said(/The engine is Docker \d/);
  await expect.poll(stored).toBe('work');
});

test('one that does not answer is not stored; its next step is told', async () => {
  await row(/context "work" \(setting pypackage\.engine\) · in use/).waitFor();
  await row(/context "far"/).click();
  await window.toast(/Not selected: The engine at tcp:\/\/127\.0\.0\.1:9 is not running/).waitFor();
  await window.screenshot('select-engine-refused');
  expect(stored()).toBe('work');
});

test('an address that is entered is asked before it is stored', async () => {
  await row(/context "work" \(setting pypackage\.engine\)/).waitFor();
  await row(/Enter an Address/).click();
  const input = window.quickInput.locator('input.input');
  await window.quickInput.getByText('Address of an engine').waitFor();
  expect(await input.inputValue()).toBe('work');
  await input.fill('gopher://x');
  await window.quickInput.getByText(/"gopher:\/\/x" is not the address of an engine/).waitFor();
  await input.fill('tcp://127.0.0.1:9');
  await input.press('Enter');
  await window.quickInput.getByText(/The engine at tcp:\/\/127\.0\.0\.1:9 is not running/).waitFor();
  await window.screenshot('select-engine-entered');
  expect(stored()).toBe('work');
  await input.fill(ENGINE);
  await input.press('Enter');
  await said(/The engine is Docker \d/);
  await expect.poll(stored).toBe(ENGINE);
});

test('Enter at once changes nothing; the automatic choice clears the setting', async () => {
  await row(/Automatic/).waitFor();
  await window.page.keyboard.press('Enter');
  await window.quickInput.waitFor({ state: 'hidden' });
  expect(stored()).toBe(ENGINE);
  await window.command('PyPackage: Select Engine');
  await row(/Automatic/).click();
  await said(/The engine is found anew for each run/);
  await expect.poll(stored).toBeUndefined();
});
