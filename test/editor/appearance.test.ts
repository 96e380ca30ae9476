/** What we colour can be read in a dark theme, a light one and those of high contrast. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Server } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { BASE_IMAGE, copySample, newNamespace, removeNamespace, type Sample } from './harness/workspace.js';

const namespace = newNamespace();
let sample: Sample;
let browser: Browser;
let server: Server;
let window: EditorWindow;

beforeAll(async () => {
  sample = await copySample('greet');
  browser = await launchBrowser();
  server = await Server.start({ open: sample.folder, settings: { 'pypackage.namespace': namespace, 'pypackage.baseImage': BASE_IMAGE } });
  window = await EditorWindow.open(browser, server);
  await window.buttonSays(/greet$/);
  await window.command('PyPackage: Show Output');
  await window.press();
  await window.toast(/is ready/).waitFor({ timeout: 150_000 });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  sample?.remove();
  await removeNamespace(namespace);
});

test.each(['Dark Modern', 'Light Modern', 'Dark High Contrast', 'Light High Contrast'])('%s', async (theme) => {
  await window.useTheme(theme);
  const panel = window.page.locator('.part.panel .output-view, .part.panel .view-lines').first();
  await panel.waitFor();
  const contrasts = await window.contrasts('.part.panel .view-lines .view-line span[class*="mtk"]');
  await window.tooltip();
  await window.screenshot(`theme-${theme.toLowerCase().replaceAll(' ', '-')}`);
  expect(contrasts.length).toBeGreaterThan(3);
  // WCAG 2.2, 1.4.3: 4.5 for text of this size; comments of VS Code's own themes stay below it, so 3 is what we hold them to.
  expect(contrasts.filter(({ ratio }) => ratio < 3)).toEqual([]);
});
