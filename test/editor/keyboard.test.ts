/** By the keyboard alone, and with what a screen reader is told: build, cancel, read the failure, jump to its line, mend it, build again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeAll, expect, test, vi } from 'vitest';
import { openSample } from './harness/sample-window.js';
import type { Server } from './harness/server.js';
import type { EditorWindow } from './harness/window.js';
import { containersOf, releaseImages, type Sample } from './harness/workspace.js';

let namespace: string;
let sample: Sample;
let server: Server;
let window: EditorWindow;

beforeAll(async () => {
  const opened = await openSample('greet');
  ({ namespace, sample, server, window } = opened);
  return opened.close;
});

/** A chord or a key after the other. Nothing here touches the mouse. */
async function press(...keys: readonly string[]): Promise<void> {
  for (const key of keys) await window.page.keyboard.press(key);
}

/** The palette, as fingers use it: the row that is active is read before Enter takes it. */
async function run(title: string): Promise<void> {
  await press('F1');
  await window.quickInput.locator('input.input').waitFor();
  await window.page.keyboard.type(title);
  await active()
    .and(window.page.locator(`[aria-label^="${title}"]`))
    .waitFor();
  await press('Enter');
}

/** The row of a list that the keyboard is on. */
const active = (): Locator => window.quickInput.locator('.monaco-list-row.focused');
/** What a screen reader says of the button. */
const button = async (): Promise<string> =>
  (await window.button
    .locator('a')
    .getAttribute('aria-label')
    .catch(() => null)) ?? '';
async function says(text: RegExp, timeout = 20_000): Promise<void> {
  await expect.poll(button, { timeout }).toMatch(text);
}

test('a build is started, asked about and cancelled', async () => {
  await says(/^PyPackage: greet, not asked yet/);
  await press('Control+k', 'b');
  await says(/^PyPackage: greet, running: \w+/);
  // The same keys ask what to do with the run.
  await press('Control+k', 'b');
  await active().waitFor();
  const choices = await window.quickInput.getByRole('option').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')));
  await window.screenshot('keyboard-run-actions');
  expect(choices).toEqual(['Show Output, every line as it comes', 'Show Log, the complete log as a file', 'Cancel, the last release stays as it was']);
  await press('Escape');
  await window.quickInput.waitFor({ state: 'hidden' });
  await press('Control+k', 'x');
  await says(/^PyPackage: greet(, |$)(?!running)/);
  await expect.poll(() => containersOf(sample), { timeout: 20_000 }).toEqual([]);
  // The file of a channel is written a moment after the channel.
  await expect.poll(() => server.outputText(), { timeout: 10_000 }).toContain('■ Cancelled after');
});

test('a failure is read, its line is jumped to and mended, and the build goes through', async () => {
  const file = join(sample.folder, 'pyproject.toml');
  const text = readFileSync(file, 'utf8');
  const line = text.split('\n').findIndex((line) => line.startsWith('version = ')) + 1;
  writeFileSync(file, text.replace(/^version = .*$/m, 'version = '));
  await press('Control+k', 'b');
  await says(/^PyPackage: greet, failed/);

  // The message: focused, its text and its buttons are what is read.
  await window.toast(/pyproject\.toml/).waitFor();
  await run('Notifications: Focus Notification Toast');
  const message = window.page.locator('.notifications-toasts .monaco-list-row.focused');
  await message.waitFor();
  expect(await message.getAttribute('aria-label')).toMatch(new RegExp(`greet: .*pyproject\\.toml, line ${line}\\)`));
  await window.screenshot('keyboard-message');
  await run('Notifications: Clear All Notifications');

  // The list of problems, and from there to the line.
  await press('Control+Shift+m');
  const problem = window.page.locator('.markers-panel .monaco-list-row.focused, .markers-panel .monaco-list-row.selected');
  await window.problems().filter({ hasText: 'PyPackage' }).first().waitFor();
  await press('ArrowDown', 'ArrowDown');
  await problem.filter({ hasText: 'PyPackage' }).waitFor();
  expect(await problem.filter({ hasText: 'PyPackage' }).getAttribute('aria-label')).toMatch(new RegExp(`^Error: .*line ${line} .*PyPackage$`));
  await press('Enter');
  await window.tab(/pyproject\.toml/).waitFor();
  await window.page.locator('.statusbar').getByText(`Ln ${line}, `).waitFor();
  await window.screenshot('keyboard-line');

  // From anywhere in the file: the next problem, and what can be done about it.
  await press('Control+Home');
  await window.page.locator('.statusbar').getByText('Ln 1, ').waitFor();
  await press('F8');
  await window.page.locator('.statusbar').getByText(`Ln ${line}, `).waitFor();
  await window.page
    .locator('.marker-widget')
    .filter({ hasText: /PyPackage/ })
    .waitFor();
  await window.screenshot('keyboard-next-problem');
  const fixes = window.page.locator('.action-widget:visible');
  // The key is pressed until the extension has answered: right after a jump the editor does not wait for it.
  await vi.waitFor(
    async () => {
      await press('Control+.');
      await fixes.getByText('Build Again').waitFor({ timeout: 2000 });
    },
    { timeout: 20_000 },
  );
  expect(await fixes.innerText()).toMatch(/Build Again\s+Show Log/);
  await window.screenshot('keyboard-quick-fix');
  await press('Escape', 'Escape');
  await window.page.locator('.marker-widget').waitFor({ state: 'hidden' });

  await press('Home', 'Shift+End');
  await window.page.keyboard.type('version = "0.3.1"');
  await press('Control+s');
  await expect.poll(() => readFileSync(file, 'utf8')).toContain('version = "0.3.1"');
  await press('Control+k', 'b');
  await says(/^PyPackage: greet, running/);
  await window.toast(/greet .* is ready/).waitFor({ timeout: 150_000 });
  await says(/^PyPackage: greet, up to date/);
  expect(await releaseImages(namespace, 'greet')).toHaveLength(1);

  // And what ran is read where it is written.
  await press('Control+k', 'l');
  await window.tab(/\.log/).waitFor();
  await window.screenshot('keyboard-log');
});
