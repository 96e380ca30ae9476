/** The view Images: what a build makes appears in it, is looked into, compared, named and removed; what is not ours stays as it is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Foreign } from '../support/foreign.js';
import { openSample } from './harness/sample-window.js';
import type { Server } from './harness/server.js';
import type { EditorWindow } from './harness/window.js';
import { BASE_IMAGE, engine, releaseImages, type Sample } from './harness/workspace.js';

let namespace: string;
let server: Server;
let sample: Sample;
let window: EditorWindow;
let foreign: Foreign;
let before: readonly string[];

const RUN_TIMEOUT = 90_000;

beforeAll(async () => {
  const opened = await openSample('greet');
  ({ namespace, server, sample, window } = opened);
  foreign = await Foreign.make(`foreign-${namespace}`, BASE_IMAGE, `${namespace}/somebody-elses:1`);
  before = await foreign.state();
  await window.buttonSays(/greet$/);
  return async () => {
    await foreign.discard();
    await opened.close();
  };
});

const row = (name: RegExp): Locator => window.pane('Images').getByRole('treeitem', { name });
const dialog = (): Locator => window.page.locator('.monaco-dialog-box');
async function bump(version: string): Promise<void> {
  const file = join(sample.folder, 'pyproject.toml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^version = .*$/m, `version = "${version}"`));
}

describe('the view Images', () => {
  test('says that nothing is built yet, with the button that helps', async () => {
    await window.page.locator('.activitybar').getByRole('tab', { name: 'PyPackage' }).click();
    await window.showOnly('Images');
    const build = window.pane('Images').getByRole('button', { name: 'Build' });
    await build.waitFor();
    await window.screenshot('images-nothing');
    await build.click();
    await row(/^0\.3\.1, latest · .*of the present sources/).waitFor({ timeout: RUN_TIMEOUT });
    await window.dismissToasts();
    for (const role of ['release', 'deps', 'wheels', 'builder', 'base']) await row(new RegExp(`^${role}, \\d+$`)).waitFor();
    expect(await releaseImages(namespace)).toHaveLength(1);
  });

  test('what is in an image is read when it is opened', async () => {
    await row(/^0\.3\.1, /).click();
    await row(/^Python packages$/).click();
    await row(/^greet, 0\.3\.1 · \d+ KB$/).waitFor();
    await row(/^Layers$/).click();
    await row(/^1\d\d MB, /).waitFor();
    await row(/^Settings$/).click();
    await row(/^Command, greet$/).waitFor();
    await row(/^User, /).waitFor();
    await window.screenshot('images-contents');
    const packages = await window.page
      .locator('.sidebar')
      .getByRole('treeitem', { name: /^\S+, \d[\d.]+ · \d/ })
      .count();
    expect(packages).toBeGreaterThan(3);
    await row(/^0\.3\.1, /).click();
  });

  test('the next release is the first row, the one before stays selected, and both are compared', async () => {
    await row(/^0\.3\.1, /).click();
    await row(/^0\.3\.1, /).click();
    await bump('0.4.0');
    await window.command('PyPackage: Build');
    await row(/^0\.4\.0, latest · /).waitFor({ timeout: RUN_TIMEOUT });
    await row(/^0\.3\.1, .*of other sources/).waitFor();
    await window.dismissToasts();
    expect(await row(/^0\.3\.1, /).getAttribute('aria-selected')).toBe('true');
    const labels = await row(/^0\.\d\.\d, /).evaluateAll((rows) => rows.map((one) => one.getAttribute('aria-label')?.slice(0, 5)));
    expect(labels).toEqual(['0.4.0', '0.3.1']);
    const newest = row(/^0\.4\.0, /);
    await newest.hover();
    await newest.getByRole('button', { name: 'Compare with Previous Release' }).click();
    await window.preview.getByRole('cell', { name: 'upgraded' }).waitFor();
    await window.preview.getByText('What is other in').waitFor();
    await window.screenshot('images-comparison');
    await window.command('View: Close All Editors');
  });

  test('a further name, asked for and checked while it is typed', async () => {
    await window.menu(row(/^0\.4\.0, /), 'Tag Image…');
    const input = window.quickInput.locator('input.input');
    await input.fill('Not a name');
    await window.quickInput.getByText(/Lower-case letters/).waitFor();
    await input.fill(`${namespace}/greet-release:kept`);
    await window.page.keyboard.press('Enter');
    await row(/^0\.4\.0, kept · /).waitFor();
    expect(await engine.getImage(`${namespace}/greet-release:kept`).inspect()).toMatchObject({
      RepoTags: expect.arrayContaining([`${namespace}/greet-release:0.4.0`]),
    });
  });

  test('the dialog says what goes and what that frees; by the keyboard alone', async () => {
    await row(/^0\.3\.1, /).click();
    await window.page.keyboard.press('Delete');
    await dialog().waitFor();
    await window.screenshot('images-remove');
    const text = await dialog().innerText();
    expect(text).toContain(`Remove ${namespace}/greet-release:0.3.1?`);
    expect(text).toMatch(/release of greet-[0-9a-f]{8}/);
    expect(text).toMatch(/That frees [\d.]+ (?:K|M)?B\./);
    await window.page.keyboard.press('Escape');
    expect(await releaseImages(namespace)).toHaveLength(2);
    await window.page.keyboard.press('Delete');
    await dialog().getByRole('button', { name: 'Remove' }).waitFor();
    await window.page.keyboard.press('Enter');
    await row(/^0\.3\.1, /).waitFor({ state: 'detached' });
    expect(await releaseImages(namespace)).toHaveLength(1);
  });

  test('all images of the engine are shown when they are asked for, and whose they are', async () => {
    const somebodyElses = row(new RegExp(`^${namespace}/somebody-elses:1, not of PyPackage`));
    expect(await somebodyElses.count()).toBe(0);
    await window.command('PyPackage: Show All Images of the Engine');
    await row(/^Other images of the engine, \d+$/).click();
    await somebodyElses.waitFor();
    await somebodyElses.click();
    await window.screenshot('images-all');
    await window.page.keyboard.press('Delete');
    await dialog().waitFor();
    expect(await dialog().innerText()).toContain('not of PyPackage');
    await window.page.keyboard.press('Escape');
    await window.command('PyPackage: Show Only Images of This Window');
    await row(/^Other images of the engine/).waitFor({ state: 'detached' });
    expect(await window.toast(/./).count()).toBe(0);
  });

  test('in the themes that people use', async () => {
    await row(/^release, 1$/).waitFor();
    for (const theme of ['Light Modern', 'Dark High Contrast']) {
      await window.useTheme(theme);
      await window.screenshot(`images-${theme.toLowerCase().replaceAll(' ', '-')}`);
    }
    await window.useTheme('Dark Modern');
    expect(server.outputText()).not.toContain('Error');
  });

  test("somebody else's container, image, volume and network are what they were", async () => {
    expect(await foreign.state()).toEqual(before);
    expect((await engine.listContainers({ all: true })).some(({ Id }) => Id === foreign.container)).toBe(true);
  });
});
