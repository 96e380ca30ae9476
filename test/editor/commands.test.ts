/** Every command of the palette without an argument, in a window with two projects; some with one, by key bindings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import manifest from '../../package.json';
import titles from '../../package.nls.json';
import { COMMAND_IDS, type CommandId } from '../../src/vscode/commands/command-ids.js';
import { COMMAND_SPECS } from '../../src/vscode/commands/command-specs.js';
import { Server } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { BASE_IMAGE, containersOf, copySample, newNamespace, removeNamespace, type Sample } from './harness/workspace.js';

const CLIPBOARD: BrowserContextOptions = { permissions: ['clipboard-read', 'clipboard-write'] };
const namespace = newNamespace();
const folder = mkdtempSync(join(tmpdir(), 'pypackage-commands-'));
const workspace = join(folder, 'both.code-workspace');
let polls: Sample;
let greet: Sample;
let browser: Browser;
let server: Server;
let window: EditorWindow;

const openFolders = (...samples: readonly Sample[]): void =>
  writeFileSync(workspace, JSON.stringify({ folders: samples.map((sample) => ({ path: sample.folder })) }));

beforeAll(async () => {
  polls = await copySample('polls');
  greet = await copySample('greet');
  openFolders(polls, greet);
  browser = await launchBrowser();
  server = await Server.start({ open: workspace, settings: { 'pypackage.namespace': namespace, 'pypackage.baseImage': BASE_IMAGE } });
  const project = greet.folder;
  writeFileSync(
    join(server.folder, 'ud/User/keybindings.json'),
    JSON.stringify([
      { key: 'ctrl+alt+1', command: 'pypackage.showDockerfile', args: { project, image: 'base' } },
      { key: 'ctrl+alt+2', command: 'pypackage.selectTarget', args: { follow: true } },
      { key: 'ctrl+alt+3', command: 'pypackage.build', args: { project, stages: ['whels'] } },
      { key: 'ctrl+alt+4', command: 'pypackage.buildWheels', args: { project, command: 'echo waits; sleep 300' } },
      { key: 'ctrl+alt+5', command: 'pypackage.build', args: '/nowhere' },
      { key: 'ctrl+alt+7', command: 'pypackage.buildWheels', args: { project, command: 'echo none are made' } },
      { key: 'ctrl+alt+6', command: 'pypackage.build', args: { project, stages: ['base'], force: false } },
    ]),
  );
  window = await EditorWindow.open(browser, server, CLIPBOARD);
  await window.buttonSays(/polls$/);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await polls?.remove();
  await greet?.remove();
  await removeNamespace(namespace);
  rmSync(folder, { recursive: true, force: true });
});

const titleOf = (id: CommandId): string => `PyPackage: ${z.parse(z.record(z.string(), z.string()), titles)[`command.${id.slice('pypackage.'.length)}`]}`;
const run = (id: CommandId): Promise<void> => window.command(titleOf(id));
const press = (keys: string): Promise<void> => window.page.keyboard.press(keys);
const chord = async (key: string): Promise<void> => {
  await press('Control+k');
  await press(key);
};
const asks = (placeholder: string): Promise<void> => window.quickInput.getByPlaceholder(placeholder).waitFor();
const option = (text: RegExp): Promise<void> => window.quickInput.getByRole('option', { name: text }).first().waitFor();
const dismissed = async (): Promise<void> => {
  await press('Escape');
  await window.quickInput.waitFor({ state: 'hidden' });
};
const says = (text: RegExp, timeout = 60_000): Promise<void> => window.page.locator('.statusbar').getByText(text).waitFor({ timeout });

/** Waits until the palette offers it, or does so no more. */
async function offered(id: CommandId, isOffered: boolean): Promise<void> {
  await expect.poll(() => window.offers(titleOf(id))).toBe(isOffered);
}

/** What a person sees of each, in an order in which each has something to show. */
const cases: readonly (readonly [CommandId, string, () => Promise<void>])[] = [
  [
    'pypackage.selectTarget',
    'offers both with what is known, and to follow the editor',
    async () => {
      await option(/^Follow the Active Editor/);
      await option(/^polls.*not asked yet/);
      await option(/^greet.*not asked yet/);
      await window.pick(/^greet/);
      await window.buttonSays(/greet$/);
    },
  ],
  ['pypackage.showOutput', 'shows the channel', () => window.page.locator('.part.panel .output-view, .part.panel .view-lines').first().waitFor()],
  [
    'pypackage.selectEngine',
    'lists the engines',
    async () => {
      await option(/^Automatic|Automatic/);
      await dismissed();
    },
  ],
  [
    'pypackage.lock',
    'asks what may change, and says what is locked',
    async () => {
      await asks('What may change');
      await option(/Keep What Is Locked.*no lock yet/);
      await window.screenshot('command-lock');
      await dismissed();
    },
  ],
  [
    'pypackage.buildWheels',
    'asks for the command',
    async () => {
      await window.quickInput.getByText('Build the wheels of greet').waitFor();
      await dismissed();
    },
  ],
  ['pypackage.fix', 'says that nothing is to be fixed', () => says(/The last run of greet left nothing to fix/)],
  ['pypackage.stop', 'says that nothing runs', () => says(/Nothing of greet was running/)],
  ['pypackage.openInBrowser', 'says that nothing runs, and offers to start it', () => window.toast(/greet is not running/).waitFor({ timeout: 60_000 })],
  [
    'pypackage.start',
    'says that there is no release yet',
    () =>
      window
        .toast(/greet.*release/)
        .first()
        .waitFor({ timeout: 60_000 }),
  ],
  ['pypackage.refresh', 'asks about each, and shows nothing but what is known then', () => window.buttonSays(/greet: \d stale/)],
  [
    'pypackage.runStage',
    'asks which stage, and says what is known of each',
    async () => {
      await asks('Which stage');
      await option(/^wheels, (?:stale|never run|not known yet|up to date)/);
      await window.screenshot('command-run-stage');
      await dismissed();
    },
  ],
  [
    'pypackage.checkStatus',
    'tells what is stale, and the button does, too',
    async () => {
      await window.toast(/greet: .*release (never run|stale|unknown)/).waitFor({ timeout: 60_000 });
      await window.buttonSays(/greet: \d stale/);
      await window.screenshot('command-check-status');
    },
  ],
  [
    'pypackage.showDockerfile',
    'asks which image, and says what is known of each',
    async () => {
      await asks('Which image');
      await option(/^release.*(never run|stale|unknown).*, asked/);
      await window.screenshot('command-show-dockerfile');
      await dismissed();
    },
  ],
  [
    'pypackage.runDoctor',
    'shows what was tried',
    async () => {
      await window.tab(/PyPackage Doctor/).waitFor();
      await window.preview.locator('body').getByText('What was tried').waitFor();
    },
  ],
  ['pypackage.copyDiagnostics', 'says what is in the clipboard', () => says(/Diagnostics are in the clipboard/)],
  [
    'pypackage.build',
    'makes a release of the chosen target',
    async () => {
      await window.buttonSays(/greet: \w+ \d+ s/);
      // In the status bar: the output is open.
      await says(/greet 0\.3\.1 is ready/, 170_000);
      await window.buttonSays(/greet$/);
    },
  ],
  ['pypackage.showLog', 'opens the log', () => window.tab(/\.log/).waitFor()],
  ['pypackage.showAllImages', 'is offered until all are shown', () => offered('pypackage.showAllImages', false)],
  ['pypackage.showOwnImages', 'is offered while all are shown', () => offered('pypackage.showOwnImages', false)],
  ['pypackage.verifyWheels', 'reads what was built', () => window.toast(/The \d+ wheels of greet are as they were locked/).waitFor()],
  [
    'pypackage.openWheel',
    'asks which file',
    async () => {
      await window.quickInput.getByText('Open Wheel').waitFor();
      await dismissed();
    },
  ],
];

/** They need a release that runs: test/editor/release.test.ts runs them, also without an argument. */
const IN_A_RELEASE: readonly CommandId[] = ['pypackage.openShell', 'pypackage.followLogs'];

describe('a command without an argument', () => {
  test.each(cases)('%s %s', async (id, _, see) => {
    await window.dismissToasts();
    await run(id);
    await expect(see()).resolves.toBeUndefined();
  });

  test('pypackage.cancel is offered while something runs, and cancels it', async () => {
    expect(await window.offers(titleOf('pypackage.cancel'))).toBe(false);
    await press('Control+Alt+4');
    await window.buttonSays(/greet: wheels \d+ s/, 120_000);
    await run('pypackage.cancel');
    await window.buttonSays(/greet$/, 60_000);
    expect(await containersOf(greet)).toEqual([]);
  });

  test('each that the palette offers is among these', () => {
    const offered = COMMAND_IDS.filter((id) => COMMAND_SPECS[id].offered !== 'false');
    expect([...cases.map(([id]) => id), 'pypackage.cancel', ...IN_A_RELEASE].toSorted()).toEqual(offered.toSorted());
  });
});

describe('by keys', () => {
  test('with an argument: what it says, and nothing is asked', async () => {
    await press('Control+Alt+1');
    await window.tab(/Dockerfile\.base/).waitFor();
    await press('Control+Alt+2');
    await expect.poll(() => window.picker.locator('a').getAttribute('aria-label')).toContain('follows the active editor');
    await press('Control+Alt+6');
    await says(/greet is up to date \(/);
  });

  test('with a wrong one: an error that names it, and nothing runs', async () => {
    await window.dismissToasts();
    await press('Control+Alt+3');
    await window.toast(/pypackage\.build cannot use stages/).waitFor();
    await press('Control+Alt+5');
    await window.toast(/There is no Python project at \/nowhere in this window/).waitFor();
    await window.screenshot('command-wrong-argument');
    expect(await containersOf(greet)).toEqual([]);
    await window.dismissToasts();
  });

  test('build, what to do with a run, cancel, log: with the keys that come with it', async () => {
    await press('Control+Alt+4');
    await window.buttonSays(/greet: wheels \d+ s/, 60_000);
    await chord('b');
    await asks('What to do with the run');
    await window.screenshot('command-run-actions');
    await dismissed();
    await window.picker.locator('a').click();
    await option(/^greet.*running: wheels \d+ s/);
    await window.screenshot('select-target-running');
    await dismissed();
    await chord('x');
    await window.buttonSays(/greet$/, 60_000);
    expect(await containersOf(greet)).toEqual([]);
    await chord('l');
    await window.tab(/\.log/).first().waitFor();
  });

  test.each([
    ['Linux', undefined, 'key'],
    ['Windows', 'Windows NT 10.0; Win64; x64', 'key'],
    ['macOS', 'Macintosh; Intel Mac OS X 10_15_7', 'mac'],
  ] as const)('VS Code itself has none of them on %s', async (_, platform, field) => {
    const bindings = platform === undefined ? await defaultBindings(window, 'Control') : await bindingsOn(platform, field === 'mac' ? 'Meta' : 'Control');
    const ours = bindings.filter(({ command }) => command.startsWith('pypackage.'));
    // They are in the list: it is that of this platform, and none of ours was lost.
    expect(Object.fromEntries(ours.map(({ command, key }) => [command, key]))).toEqual(
      Object.fromEntries(manifest.contributes.keybindings.map((binding) => [binding.command, binding[field]])),
    );
    // Those of a view are its own only while it has the focus.
    const inViews = new Set<string>(manifest.contributes.keybindings.filter((binding) => 'args' in binding).map(({ command }) => command));
    const keys = new Set(ours.filter(({ command }) => !inViews.has(command)).map(({ key }) => key));
    expect(bindings.length).toBeGreaterThan(500);
    expect(bindings.filter(({ key, command }) => !command.startsWith('pypackage.') && keys.has(key))).toEqual([]);
  });
});

test('a run that failed is told by the button and in the list of targets', async () => {
  await press('Control+Alt+7');
  await window.buttonSays(/greet: wheels failed/, 60_000);
  expect(await window.button.locator('a').getAttribute('aria-label')).toBe('PyPackage: greet, wheels failed');
  const tooltip = await window.tooltip();
  expect(tooltip).toMatch(/wheels: failed/);
  expect(tooltip).toMatch(/Failed just now|Failed \d+ s ago/);
  expect(tooltip).toMatch(/Engine: Docker/);
  for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern']) {
    await window.useTheme(theme);
    await window.tooltip();
    await window.screenshot(`status-failed-${theme.toLowerCase().replaceAll(' ', '-')}`);
    await window.picker.locator('a').click();
    await option(/^greet.*wheels failed/);
    await window.screenshot(`select-target-${theme.toLowerCase().replaceAll(' ', '-')}`);
    await dismissed();
    const contrasts = await window.contrasts('[id="pypackage.pypackage-docker.pypackage.target"] a');
    expect(contrasts.filter(({ ratio }) => ratio < 3)).toEqual([]);
  }
});

test('a run whose folder is taken out of the window is cancelled', async () => {
  await press('Control+Alt+4');
  await window.buttonSays(/greet: wheels \d+ s/, 60_000);
  expect(await containersOf(greet)).not.toEqual([]);
  openFolders(polls);
  await window.buttonSays(/polls/);
  await expect.poll(() => containersOf(greet), { timeout: 30_000 }).toEqual([]);
  expect(await window.picker.count()).toBe(0);
});

const bindingList = z.array(z.object({ key: z.string(), command: z.string() }));

/** What the editor offers somebody whose browser says that it runs there. */
async function bindingsOn(platform: string, modifier: 'Control' | 'Meta'): Promise<z.infer<typeof bindingList>> {
  const userAgent = `Mozilla/5.0 (${platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36`;
  const other = await EditorWindow.open(browser, server, { ...CLIPBOARD, userAgent });
  try {
    // The list is made once, when it is opened: the extensions have to be there.
    await other.buttonSays(/./, 60_000);
    return await defaultBindings(other, modifier);
  } finally {
    await other.close();
  }
}

/** All default key bindings as the editor lists them, those of extensions among them. */
async function defaultBindings(other: EditorWindow, modifier: 'Control' | 'Meta'): Promise<z.infer<typeof bindingList>> {
  const { page } = other;
  await other.command('Preferences: Open Default Keyboard Shortcuts (JSON)');
  await other.tab(/Default Keybindings/).waitFor();
  await page.evaluate("navigator.clipboard.writeText('')");
  await page.locator('.editor-group-container.active .view-lines').first().click();
  await page.keyboard.press(`${modifier}+a`);
  // The browser's own, which is that of the machine that it runs on.
  await page.keyboard.press('Control+c');
  const read = async (): Promise<string> => z.parse(z.string(), await page.evaluate('navigator.clipboard.readText()'));
  await expect.poll(read).toContain('pypackage.build');
  return z.parse(bindingList, parse(await read()));
}
