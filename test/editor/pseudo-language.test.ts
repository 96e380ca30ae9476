/**
 * Every text of ours comes from a translation: in a language of brackets nothing of ours is seen without them. Names, and what the
 * core says (stages, why they are stale, errors), are in English as on the command line.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { smallWheel } from '../support/wheel-export.js';
import { outsideBrackets } from './harness/pseudo-language.js';
import { openSample } from './harness/sample-window.js';
import type { EditorWindow } from './harness/window.js';

let window: EditorWindow;

beforeAll(async () => {
  // Without an engine: its failure has every kind of words.
  const six = smallWheel({ name: 'six', version: '1.17.0' });
  const opened = await openSample('greet', {
    prepare: ({ folder }) => writeFileSync(join(folder, six.locked.file), six.content),
    pseudoLanguage: true,
    env: { DOCKER_HOST: `unix://${join(tmpdir(), 'no-engine.sock')}` },
  });
  ({ window } = opened);
  return opened.close;
});

beforeAll(() => window.buttonSays(/greet$/, 60_000));

/** What is left when brackets, names and what stands between texts are taken away. */
function left(text: string): string {
  return outsideBrackets(text)
    .replace(/\b(greet|PyPackage)\b/g, '')
    .replace(/[\s·:,.;()|$~-]+/g, ' ')
    .trim();
}

async function textsOf(locator: Locator): Promise<readonly string[]> {
  await locator.first().waitFor();
  return (await locator.allInnerTexts()).filter((text) => text.trim() !== '');
}

const options = (): Locator => window.quickInput.getByRole('option');

test('the commands in the palette', async () => {
  await window.page.keyboard.press('F1');
  await window.quickInput.locator('input.input').fill('>PyPackage: ');
  await options().first().waitFor();
  // The palette holds the rows that are seen; of each the label for screen readers, which has no English title beside it.
  const labels = new Set<string>();
  for (let page = 0; page < 6; page++) {
    for (const row of await options().all()) labels.add(((await row.getAttribute('aria-label')) ?? '').replace(/, Control\+.*$/, ''));
    if (page === 0) await window.screenshot('pseudo-palette');
    await window.page.keyboard.press('PageDown');
  }
  await window.page.keyboard.press('Escape');
  // "Focus on … View" are VS Code's own words, around the name of ours.
  const ours = [...labels].filter((label) => label.startsWith('PyPackage: ')).map((label) => label.replace(/Focus on (.*) View$/, '$1'));
  expect(ours.length).toBeGreaterThan(9);
  expect(ours.filter((label) => left(label) !== '')).toEqual([]);
});

test('the button, its label for screen readers and its tooltip', async () => {
  expect(left((await window.button.locator('a').getAttribute('aria-label')) ?? 'none')).toBe('');
  const tooltip = await window.tooltip();
  expect(tooltip).toContain('⟦');
  expect(left(tooltip)).toBe('');
  await window.screenshot('pseudo-tooltip');
});

test('the pickers', async () => {
  await window.command('PyPackage: ⟦Show Dockerfile⟧');
  await options().filter({ hasText: 'builder' }).waitFor();
  expect(left(await window.quickInput.locator('.quick-input-title').innerText())).toBe('');
  expect(left((await window.quickInput.locator('input.input').getAttribute('placeholder')) ?? 'none')).toBe('');
  const rows = await textsOf(options());
  expect(rows.map((row) => left(row)).toSorted()).toEqual(['base', 'builder', 'layer', 'release']);
  await window.page.keyboard.press('Escape');

  await window.command('PyPackage: ⟦Lock Dependencies⟧');
  expect((await textsOf(options())).map((row) => left(row))).toEqual(['', '', '']);
  await window.screenshot('pseudo-picker');
  await window.page.keyboard.press('Escape');

  await window.command('PyPackage: ⟦Select Engine⟧');
  // Those that there are come with the core's words; these two are ours.
  const [automatic, enter] = await textsOf(options());
  expect([left(automatic ?? 'none'), left(enter ?? 'none')]).toEqual(['', '']);
  await window.page.keyboard.press('Escape');
});

test('a message: its buttons; the error is in the words of the core', async () => {
  await window.command('PyPackage: ⟦Build⟧');
  const toast = window.toast(/no-engine\.sock/);
  await toast.waitFor();
  const buttons = await textsOf(toast.locator('.monaco-button:not(.monaco-dropdown-button)'));
  await window.screenshot('pseudo-message');
  expect(buttons.length).toBeGreaterThan(1);
  expect(buttons.filter((text) => left(text) !== '')).toEqual([]);
  await window.dismissToasts();
});

test("the doctor's headings", async () => {
  await window.command('PyPackage: ⟦Run Doctor⟧');
  const headings = window.preview.locator('h1, h2, h3, th');
  const texts = await textsOf(headings);
  await window.screenshot('pseudo-doctor');
  expect(texts.length).toBeGreaterThan(5);
  expect(texts.filter((text) => left(text) !== '')).toEqual([]);
});

test('the page of a wheel: its headings, buttons and notes', async () => {
  await window.openFile('six-1.17.0-py3-none-any.whl');
  const texts = await textsOf(window.preview.locator('h2, dt, button'));
  await window.screenshot('pseudo-wheel');
  expect(texts.length).toBeGreaterThan(8);
  // Numbers beside headings; what is copied, and the name of a hash.
  expect(texts.map((text) => left(text).replace(/^\d+$|^six 1 17 0$|^SHA 256$|^six==1 17 0$/, '')).filter((text) => text !== '')).toEqual([]);
});

test('the settings', async () => {
  await window.command('Preferences: Open Settings (UI)');
  await window.page.keyboard.type('@ext:pypackage.pypackage-docker');
  const descriptions = await textsOf(window.page.locator('.setting-item-description').filter({ hasText: /⟦|image|engine/ }));
  await window.screenshot('pseudo-settings');
  expect(descriptions.length).toBeGreaterThan(1);
  expect(descriptions.filter((text) => left(text) !== '')).toEqual([]);
});
