/** The view Targets: what is seen before the engine is asked, what it says, a run from its first to its last stage, and what is saved meanwhile. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { FaultyWay } from '../support/faulty-way.js';
import { socketPath } from '../support/raw-connection.js';
import { discard } from '../support/raw-engine.js';
import { Server } from './harness/server.js';
import { openSample } from './harness/sample-window.js';
import { EditorWindow } from './harness/window.js';
import { BASE_IMAGE, releaseImages, type Sample } from './harness/workspace.js';

let namespace: string;
let browser: Browser;
let sample: Sample;
let window: EditorWindow;

const RUN_TIMEOUT = 90_000;

beforeAll(async () => {
  // A stage that is seen at work.
  const prebuild = { command: 'sleep 3' };
  const opened = await openSample('greet', {
    prepare: ({ folder }) => writeFileSync(join(folder, 'pypackage.json'), JSON.stringify({ version: 1, defaults: { prebuild } })),
  });
  ({ namespace, browser, sample, window } = opened);
  await window.buttonSays(/greet$/);
  return opened.close;
});

const row = (name: RegExp): Locator => window.pane('Targets').getByRole('treeitem', { name });

describe('the view Targets', () => {
  test('opens with the stages of the target, and asks what of them is there', async () => {
    await window.page.locator('.activitybar').getByRole('tab', { name: 'PyPackage' }).click();
    await row(/^greet, 0\.3\.1 · Python 3\.\d+/).waitFor();
    for (const stage of ['base', 'builder', 'wheels', 'release']) await row(new RegExp(`^${stage}, (?:never run|not known yet|stale|up to date)`)).waitFor();
    expect(await window.pane('Targets').getByRole('treeitem').count()).toBe(5);
    await window.screenshot('sidebar-stale-from-nothing');
  });

  test('runs one stage and what it needs, from its row', async () => {
    appendFileSync(join(sample.folder, 'src/greet/greeting.py'), `# ${Date.now()}\n`);
    const wheels = row(/^wheels, /);
    await wheels.hover();
    await wheels.getByRole('button', { name: 'Run Stage' }).click();
    await row(/^wheels, \d+ s/).waitFor({ timeout: RUN_TIMEOUT });
    await window.screenshot('sidebar-running');
    await row(/^wheels, up to date · [\d.]+ m?s/).waitFor({ timeout: RUN_TIMEOUT });
    // The run did not look at it: the engine is asked.
    await row(/^release, (?:stale|never run)/).waitFor();
    expect(await releaseImages(namespace)).toEqual([]);
    await window.dismissToasts();
  });

  test('the button of the target builds the rest', async () => {
    const target = row(/^greet, /);
    await target.hover();
    await target.getByRole('button', { name: 'Build' }).click();
    await row(/^release, up to date · [\d.]+ m?s/).waitFor({ timeout: RUN_TIMEOUT });
    await window.dismissToasts();
    expect(await releaseImages(namespace)).toHaveLength(1);
    await window.screenshot('sidebar-up-to-date');
    // By somebody else: the engine tells it, and the view asks.
    for (const id of await releaseImages(namespace)) await discard(`/images/${id}?force=1`);
    await row(/^release, (?:stale|never run)/).waitFor();
  });

  test('a file that is saved makes the wheels stale, without being asked', async () => {
    await window.openFile('greeting.py');
    await window.page.locator('.monaco-editor.focused').waitFor();
    await window.page.keyboard.type('# a change\n');
    await window.command('File: Save');
    await row(/^wheels, stale: src\/greet\/greeting\.py changed/).waitFor();
    expect(await row(/^base, up to date/).count()).toBe(1);
    await window.screenshot('sidebar-stale');
  });

  test('a run that fails says where and of what, and its log is a click away', async () => {
    appendFileSync(
      join(sample.folder, 'pyproject.toml'),
      '\n[tool.hatch.build.targets.wheel.force-include]\n"missing" = "missing"\n[tool.setuptools.packages]\n',
    );
    await window.command('PyPackage: Build');
    await row(/^(?:wheels|builder), failed · /).waitFor({ timeout: RUN_TIMEOUT });
    await window.dismissToasts();
    await window.screenshot('sidebar-failed');
    for (const theme of ['Light Modern', 'Dark High Contrast']) {
      await window.useTheme(theme);
      await window.screenshot(`sidebar-failed-${theme.toLowerCase().replaceAll(' ', '-')}`);
    }
    await window.useTheme('Dark Modern');
    const failed = row(/, failed · /);
    await failed.hover();
    await failed.getByRole('button', { name: 'Show Log' }).click();
    await window.tab(/\.log/).waitFor();
    expect(await window.tab(/\.log/).count()).toBe(1);
  });
});

test('an engine that is away is told in the view, and asked again until it is back', async () => {
  const way = await FaultyWay.open(socketPath() ?? '/var/run/docker.sock');
  await way.down();
  const other = await Server.start({
    open: sample.folder,
    settings: { 'pypackage.namespace': namespace, 'pypackage.baseImage': BASE_IMAGE },
    env: { DOCKER_HOST: way.url },
  });
  try {
    const second = await EditorWindow.open(browser, other);
    await second.buttonSays(/greet$/);
    await second.page.locator('.activitybar').getByRole('tab', { name: 'PyPackage' }).click();
    const message = second.page.locator('.sidebar .message').filter({ hasText: way.url, visible: true });
    await expect.poll(() => message.count()).toBe(1);
    for (const view of ['Images', 'Containers']) await second.pane(view).getByRole('button', { name: 'Select Engine' }).waitFor();
    await second.screenshot('sidebar-no-engine');
    expect(await second.toast(/./).count()).toBe(0);
    await way.up();
    await second.page
      .locator('.sidebar')
      .getByRole('treeitem', { name: /^base, up to date/ })
      .waitFor();
    await expect.poll(() => message.count()).toBe(0);

    // It goes while its rows are looked at: they stay, and say so soon. Then it comes back by itself.
    await second
      .pane('Images')
      .getByRole('treeitem', { name: /^base, 1$/ })
      .waitFor();
    await way.down();
    await expect.poll(() => message.count(), { timeout: 2000, interval: 50 }).toBe(2);
    await second.screenshot('sidebar-engine-gone');
    expect(await second.pane('Images').getByRole('treeitem').count()).toBeGreaterThan(2);
    await way.up();
    await expect.poll(() => message.count()).toBe(0);
    expect(await second.toast(/./).count()).toBe(0);

    // Hidden, none of them has a connection; looked at again, their rows are there at once.
    await second.page
      .locator('.activitybar')
      .getByRole('tab', { name: /^Explorer/ })
      .click();
    await expect.poll(() => way.open, { timeout: 10_000 }).toBe(0);
    await second.page.locator('.activitybar').getByRole('tab', { name: 'PyPackage' }).click();
    await second
      .pane('Images')
      .getByRole('treeitem', { name: /^base, 1$/ })
      .waitFor();
    await expect.poll(() => way.open).toBeGreaterThan(0);
  } finally {
    await other.stop();
    await way.close();
  }
});
