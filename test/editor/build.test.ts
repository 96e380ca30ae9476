/** The main job, as a person does it: open the folder, press the button, run what was made. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSample } from './harness/sample-window.js';
import type { Server } from './harness/server.js';
import type { EditorWindow } from './harness/window.js';
import { engine, releaseImages, type Sample } from './harness/workspace.js';

describe('a Django application without configuration', () => {
  let namespace: string;
  let sample: Sample;
  let server: Server;
  let window: EditorWindow;

  beforeAll(async () => {
    const opened = await openSample('polls');
    ({ namespace, sample, server, window } = opened);
    return opened.close;
  });

  test('the button shows the target and says that nobody was asked yet', async () => {
    await window.buttonSays(/polls$/);
    expect(await window.tooltip()).toContain('Not asked yet');
    await window.screenshot('opened');
  });

  test('pressing it makes a release image, and says what was made', async () => {
    await window.press();
    await window.buttonSays(/polls: (starting|base|builder|wheels|release) \d+ s/);
    await window.toast(/polls/).first().waitFor();
    await window.command('PyPackage: Show Output');
    await window.screenshot('running');
    // Who watches the output needs no message: it comes when the panel is closed.
    await window.page.keyboard.press('Control+j');
    const ready = window.toast(/polls 1\.4\.0 is ready \(\d+ MB, .*\), tagged .*1\.4\.0.*latest/);
    await ready.waitFor({ timeout: 170_000 });
    await window.command('PyPackage: Show Output');
    await window.screenshot('ready');
    await window.buttonSays(/polls$/);
    expect(await releaseImages(namespace)).toHaveLength(1);
    const output = server.outputText();
    expect(output).toMatch(/■ polls 1\.4\.0 · Python 3\.\d+\S* · .*engine Docker/);
    for (const stage of ['base', 'builder', 'wheels', 'release']) expect(output).toMatch(new RegExp(`^[✓▸] ${stage}`, 'm'));
    expect(output).toMatch(/■ Done in /);
    expect(existsSync(join(sample.folder, 'target/pypackage'))).toBe(true);
  });

  test.each(['Dark Modern', 'Light Modern', 'Dark High Contrast', 'Light High Contrast'])(
    'it can be read in %s: output, button, tooltip, picker',
    async (theme) => {
      await window.useTheme(theme);
      const panel = window.page.locator('.part.panel .output-view, .part.panel .view-lines').first();
      await panel.waitFor();
      const output = await window.contrasts('.part.panel .view-lines .view-line span[class*="mtk"]');
      await window.tooltip();
      const tooltip = await window.contrasts(
        '.monaco-hover .hover-contents p, .monaco-hover .hover-contents a, [id="pypackage.pypackage-docker.pypackage.target"] a',
      );
      await window.screenshot(`theme-${theme.toLowerCase().replaceAll(' ', '-')}`);
      await window.command('PyPackage: Show Dockerfile');
      await window.quickInput.getByRole('option').filter({ hasText: 'builder' }).waitFor();
      const picker = await window.contrasts('.quick-input-widget .label-name, .quick-input-widget .label-description, .quick-input-title');
      await window.screenshot(`theme-${theme.toLowerCase().replaceAll(' ', '-')}-picker`);
      await window.page.keyboard.press('Escape');
      for (const part of [output, tooltip, picker]) {
        expect(part.length).toBeGreaterThan(3);
        // WCAG 2.2, 1.4.3: 4.5 for text of this size; comments of VS Code's own themes stay below it, so 3 is what we hold them to.
        expect(part.filter(({ ratio }) => ratio < 3)).toEqual([]);
      }
    },
  );

  test('Show Log opens the complete log, which is a file', async () => {
    const path = /^ {2}log (.*)$/m.exec(server.outputText())?.[1] ?? '';
    expect(readFileSync(path, 'utf8')).toContain('release');
    // The message with its button leaves after a while; clicked, it is gone too.
    const button = window.toast(/is ready/).getByRole('button', { name: 'Show Log' });
    if (await button.isVisible()) await button.click();
    else await window.command('PyPackage: Show Log');
    await window.tab(/\.log/).waitFor();
    expect(await window.editorText()).not.toBe('');
  });

  test('a second press finds everything up to date and makes nothing', async () => {
    const before = await engine.listImages({ all: true });
    await window.press();
    await window.page
      .locator('.statusbar')
      .getByText(/polls is up to date \(/)
      .waitFor();
    expect(await window.toast(/is ready/).count()).toBe(0);
    expect(server.outputText()).toMatch(/✓ release: up to date\n\n■ Up to date, nothing to do/);
    // The log's name in the heading is a link.
    await window.page.locator('.part.panel .detected-link').filter({ hasText: '-polls-' }).first().waitFor();
    const made = (await engine.listImages({ all: true })).filter(({ Id }) => !before.some((image) => image.Id === Id));
    expect(made.filter(({ RepoTags }) => RepoTags?.some((tag) => tag.startsWith(`${namespace}/`)))).toEqual([]);
    const tooltip = await window.tooltip();
    expect(tooltip).toMatch(/wheels: up to date/);
    expect(tooltip).toMatch(/Engine: Docker/);
    await window.screenshot('up-to-date');
  });

  test('Check Status tells which stage an edit made stale, and why', async () => {
    await window.page.keyboard.press('Control+p');
    await window.page.keyboard.type('views.py');
    await window.pick(/views\.py/);
    await window.tab(/views\.py/).waitFor();
    await window.page.locator('.editor-group-container.active .view-lines').first().click();
    await window.page.keyboard.press('Control+Home');
    await window.page.keyboard.type('# edited\n');
    await window.page.keyboard.press('Control+s');
    expect(await window.tooltip()).toContain('polls/views.py was saved since');
    await window.command('PyPackage: Check Status');
    await window.toast(/wheels stale .*views\.py/).waitFor();
    await window.buttonSays(/polls: \d stale/);
    await window.screenshot('stale');
    await window.dismissToasts();
  });

  test('who has the output in front reads there that it is ready: no message', async () => {
    await window.command('PyPackage: Show Output');
    await window.press();
    await window.page
      .locator('.statusbar')
      .getByText(/polls 1\.4\.0 is ready \(/)
      .waitFor({ timeout: 120_000 });
    await expect.poll(() => window.toasts.count(), { timeout: 5000 }).toBe(0);
    await window.screenshot('ready-watched');
    await window.page.keyboard.press('Control+j');
  });

  test.each(['base', 'builder', 'layer', 'release'])('Show Dockerfile opens the recipe of %s, read-only', async (image) => {
    await window.command('PyPackage: Show Dockerfile');
    await window.pick(new RegExp(`^${image}`));
    await window.tab(new RegExp(`Dockerfile\\.${image}`)).waitFor();
    await expect.poll(() => window.editorText()).toMatch(/FROM /);
    if (image === 'release') await window.screenshot('dockerfile');
  });

  test('Run starts the release, which answers; Stop stops it', async () => {
    await window.command('PyPackage: Start');
    const toast = window.toast(/polls is running at http:\/\/127\.0\.0\.1:\d+/);
    await toast.waitFor({ timeout: 60_000 });
    await window.screenshot('started');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await toast.innerText())?.[0] ?? '';
    const page = await fetch(url);
    expect(page.status).toBeLessThan(500);
    expect(await window.tooltip()).toContain(url);
    await window.command('PyPackage: Stop');
    await window.page
      .locator('.statusbar')
      .getByText(/Stopped /)
      .waitFor({ timeout: 30_000 });
    await expect(fetch(url)).rejects.toThrow(/fetch failed/);
  });

  test('Run Doctor names the engine and why it was chosen', async () => {
    await window.command('PyPackage: Run Doctor');
    await window.tab(/PyPackage Doctor/).waitFor();
    const text = window.preview.locator('body');
    await text.getByText('What was tried').waitFor();
    expect(await text.innerText()).toMatch(/Docker \d+\..* at unix:\/\/.*, chosen because (DOCKER_HOST is set|it is the first of the usual places)/);
    await window.screenshot('doctor');
  });
});
