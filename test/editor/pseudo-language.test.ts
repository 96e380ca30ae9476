/** Every text of ours comes from a translation: in a language of brackets nothing of ours is seen without them. */
import { cpSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import manifest from '../../package.json';
import { outsideBrackets } from './harness/pseudo-language.js';
import { Server } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { BASE_IMAGE, copySample, newNamespace, type Sample } from './harness/workspace.js';

let browser: Browser;
let sample: Sample;
let server: Server;
let window: EditorWindow;

beforeAll(async () => {
  browser = await launchBrowser();
  sample = await copySample('greet');
  const settings = { 'pypackage.namespace': newNamespace(), 'pypackage.baseImage': BASE_IMAGE };
  server = await Server.start({ open: sample.folder, pseudoLanguage: true, settings });
  window = await EditorWindow.open(browser, server);
  await window.buttonSays(/greet$/, 12_000).catch(async (error: unknown) => {
    window.page.on('console', (m) => console.log(m.type(), m.text()));
    window.page.on('pageerror', (m) => console.log('PE', m));
    await window.page.reload();
    await window.page.waitForTimeout(9000);
    throw error;
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await sample?.remove();
});

test('the palette', async () => {
  await window.page.keyboard.press('F1');
  await window.quickInput.locator('input.input').fill('>PyPackage: ');
  await window.quickInput.getByRole('option').first().waitFor();
  await window.page.waitForTimeout(500);
  const labels = await window.quickInput.getByRole('option').allInnerTexts();
  console.log(labels);
  console.log(await window.quickInput.getByRole('option').evaluateAll((all) => all.map((x) => x.getAttribute('aria-label'))));
  await window.screenshot('pseudo-palette');
  await window.page.keyboard.press('Escape');
});

test('the button', async () => {
  console.log(await window.button.locator('a').getAttribute('aria-label'), await window.tooltip());
  await window.screenshot('pseudo-tooltip');
});

test('settings', async () => {
  await window.command('Preferences: Open Settings (UI)');
  await window.page.keyboard.type('@ext:pypackage.pypackage-docker');
  await window.page.locator('.setting-item-contents').first().waitFor();
  await window.page.waitForTimeout(1000);
  console.log(await window.page.locator('.settings-group-title-label, .setting-item-description, .setting-item-title').allInnerTexts());
  await window.screenshot('pseudo-settings');
});
