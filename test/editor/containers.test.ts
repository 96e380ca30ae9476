/** The view Containers: a started service from its first row to its last, seen and used from there; nobody else's is touched. */
import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectId } from '../../src/core/project/revision.js';
import { FaultyWay } from '../support/faulty-way.js';
import { Foreign } from '../support/foreign.js';
import { socketPath } from '../support/raw-connection.js';
import { openSample } from './harness/sample-window.js';
import { TERMINAL_IN_THE_PAGE, terminalSays, typeInTerminal } from './harness/terminal.js';
import type { EditorWindow } from './harness/window.js';
import { BASE_IMAGE, engine, type Sample } from './harness/workspace.js';

/** As an engine names containers that were given no name: without a word of ours. */
const JOB = `quiet-${randomBytes(4).toString('hex')}`;

let sample: Sample;
let window: EditorWindow;
let way: FaultyWay;
let foreign: Foreign;
let before: readonly string[];

/** Serves and says when it begins; it is well for as long as nobody says otherwise. */
const SERVES = `trap 'exit 0' TERM; echo "begins as $(cat /proc/sys/kernel/random/uuid)"; python3 -m http.server 8000 & while :; do sleep 0.1; done`;

beforeAll(async () => {
  way = await FaultyWay.open(socketPath() ?? '/var/run/docker.sock');
  const key = { key: 'ctrl+alt+1', command: 'pypackage.runInContainer', args: { container: JOB, command: 'true' } };
  const opened = await openSample('greet', { settings: TERMINAL_IN_THE_PAGE, env: { DOCKER_HOST: way.url }, keybindings: [key] });
  ({ sample, window } = opened);
  foreign = await Foreign.make(`foreign-${opened.namespace}`, BASE_IMAGE, `${opened.namespace}/somebody-elses:1`);
  before = await foreign.state();
  await window.buttonSays(/greet$/);
  return async () => {
    await foreign.discard();
    await opened.close();
    await way.close();
  };
});

/** As a release of the sample is started, and as a run's containers are labelled. */
async function start(kind: 'service' | 'job'): Promise<void> {
  const project = projectId({ normalizedName: 'greet', root: realpathSync(sample.folder) }, undefined);
  const container = await engine.createContainer({
    name: kind === 'service' ? `pypackage-${project}-greet-web` : JOB,
    Image: BASE_IMAGE,
    Entrypoint: [],
    Cmd: ['sh', '-c', SERVES],
    Labels: { 'io.pypackage.kind': kind, 'io.pypackage.project': project, 'io.pypackage.target': 'greet' },
    Healthcheck: { Test: ['CMD-SHELL', 'test ! -e /tmp/sick'], Interval: 1e9, Timeout: 5e9, Retries: 1 },
    ExposedPorts: { '8000/tcp': {} },
    HostConfig: { Init: true, PortBindings: { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] } },
  });
  await container.start();
}

const view = (): Locator => window.page.locator('.sidebar .pane').filter({ has: window.page.locator('.pane-header', { hasText: 'Containers' }) });
const row = (name: RegExp): Locator => view().getByRole('treeitem', { name });

async function press(item: Locator, button: string): Promise<void> {
  await item.hover();
  await item.getByRole('button', { name: button, exact: true }).click();
}

async function pictures(name: string): Promise<void> {
  for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern']) {
    await window.useTheme(theme);
    await window.screenshot(`containers-${name}-${theme.toLowerCase().replaceAll(' ', '-')}`);
  }
}

const dialog = (): Locator => window.page.locator('.monaco-dialog-box');

describe('the view Containers', () => {
  test('says that nothing is started, and what would', async () => {
    await window.page.locator('.activitybar').getByRole('tab', { name: 'PyPackage' }).click();
    // Room for its rows below a message.
    for (const other of ['Images', 'Wheels']) await window.page.locator('.sidebar .pane-header').filter({ hasText: other }).click();
    await view().getByText('Nothing of this workspace is started.').waitFor();
    expect(await view().getByRole('button', { name: 'Start the Release' }).count()).toBe(1);
    await pictures('empty');
  });

  test('shows what is started elsewhere, by what it is for, and nothing of others', async () => {
    await start('service');
    await row(/^web, healthy · :\d+ · just started$/).waitFor();
    await row(/^release environment, running$/).waitFor();
    expect(await view().getByRole('treeitem').count()).toBe(2);
    await window.screenshot('containers-running');
  });

  test('its log is followed over a restart', async () => {
    const web = row(/^web, /);
    await press(web, 'Follow Logs of Container');
    await terminalSays(window, /begins as/);
    await window.menu(web, 'Restart Container');
    expect(await terminalSays(window, /begins as[^]*has ended[^]*begins as/)).toMatch(/^begins as/);
    await row(/^web, healthy/).waitFor();
    await window.screenshot('containers-log');
  });

  test('a shell in it has the size of its terminal, and tells its exit code', async () => {
    await press(row(/^web, /), 'Open Shell in Container');
    await terminalSays(window, /what else is changed goes with the container/);
    await typeInTerminal(window, 'echo "is $((6*7))"; stty size\n');
    const before = /^(\d+) \d+$/m.exec(await terminalSays(window, /^is 42\n\d+ \d+$/m))?.[1];
    await window.command('View: Toggle Maximized Panel');
    const rows = async (): Promise<number> => {
      await typeInTerminal(window, 'clear; stty size\n');
      return Number(/^(\d+) \d+$/m.exec(await terminalSays(window, /^\d+ \d+$/m))?.[1]);
    };
    await expect.poll(rows, { interval: 300 }).toBeGreaterThan(Number(before) + 5);
    await window.command('View: Toggle Maximized Panel');
    expect(await window.page.getByText('greet web shell').count()).toBeGreaterThan(0);
    await typeInTerminal(window, 'exit 3\n');
    await window.toast(/exit code: 3/).waitFor();
    await window.dismissToasts();
  });

  test('a command in it stays to be read; that it is not well is seen at once', async () => {
    await window.menu(row(/^web, /), 'Run Command in Container…');
    await window.quickInput.getByText('Run in greet web').waitFor();
    await window.page.keyboard.type('touch /tmp/sick; echo "is $((7*7))"; exit 2');
    await window.page.keyboard.press('Enter');
    expect(await terminalSays(window, /It ended with exit code 2/)).toMatch(/^is 49\n\n— It ended with exit code 2\. Any key closes the terminal\./m);
    await row(/^web, unhealthy · /).waitFor();
    await row(/^release environment, unhealthy$/).waitFor();
    await window.command('View: Toggle Panel Visibility');
    await pictures('unhealthy');
  });

  test('what the engine says of it is read as JSON', async () => {
    await window.menu(row(/^web, /), 'Inspect Container');
    await window.tab(/^pypackage-greet-.*-web\.json/).waitFor();
    await expect.poll(() => window.editorText()).toMatch(/"Id": "[0-9a-f]{64}"/);
  });

  test('its address is opened as this browser reaches it', async () => {
    const opened = window.page.context().waitForEvent('page');
    await window.menu(row(/^web, /), 'Open Container in Browser');
    const page = await opened;
    await page.waitForLoadState();
    expect(page.url()).toMatch(/\/proxy\/\d+/);
    await page.close();
  });

  test('stopped and started again it stays the row that is selected; so does all that is selected', async () => {
    const web = row(/^web, /);
    await web.click();
    await press(web, 'Stop Container');
    await row(/^web, stopped/).waitFor();
    expect(await web.getAttribute('aria-selected')).toBe('true');
    expect(await row(/^release environment, stopped$/).getAttribute('aria-expanded')).toBe('true');
    await start('job');
    const job = row(/^quiet-.*, /);
    await row(/^quiet-.*, healthy · :\d+ · .*python.* · just started$/).waitFor();
    await pictures('stopped-and-running');
    await job.click({ modifiers: ['Control'] });
    await window.menu(web, 'Restart Container');
    // What was written to it is still there.
    await row(/^web, unhealthy · :\d+ · just started$/).waitFor();
    await row(/^quiet-.*, healthy/).waitFor();
    // Both are still meant.
    await window.menu(web, 'Stop Container');
    await row(/^web, stopped/).waitFor();
    await row(/^quiet-.*, stopped/).waitFor();
  });

  test('by its name, from a key binding: one that does not run is offered to be started', async () => {
    await row(/^quiet-.*, stopped/).click();
    await window.page.keyboard.press('Control+Alt+1');
    await window
      .toast(/quiet-.* does not run\./)
      .getByRole('button', { name: 'Start' })
      .click();
    await row(/^quiet-.*, healthy/).waitFor();
    expect(await row(/^web, stopped/).count()).toBe(1);
  });

  test('an engine that goes away is told in the rows, which come back by themselves', async () => {
    await way.down();
    await row(/^quiet-.*, last seen healthy · :\d+ · /).waitFor();
    await row(/^web, last seen stopped$/).waitFor();
    await row(/^release environment, as last seen$/).waitFor();
    await view().locator('.message').filter({ hasText: way.url }).waitFor();
    await pictures('away');
    await way.up();
    await row(/^web, stopped$/).waitFor();
    await row(/^quiet-.*, healthy · /).waitFor();
    await view().locator('.message').filter({ hasText: way.url }).waitFor({ state: 'detached' });
    expect(await window.toasts.count()).toBe(0);
  });

  test('the Delete key removes what is selected, after a look at what goes; by keyboard alone', async () => {
    const { keyboard } = window.page;
    const web = row(/^web, /);
    const job = row(/^quiet-.*, /);
    await web.click();
    for (let rows = 0; rows < 2; rows++) await keyboard.press('Shift+ArrowDown');
    await keyboard.press('Delete');
    await dialog().getByText('Remove 2 containers?').waitFor();
    await dialog()
      .getByText(/greet web \(pypackage-greet-.*-web\)\s*quiet-\S+: it runs[^]*That frees [\d.]+ K?B\./)
      .waitFor();
    await window.screenshot('containers-remove');
    await keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await web.count()).toBe(1);
    await keyboard.press('Delete');
    await dialog().getByRole('button', { name: 'Only What Has Ended' }).click();
    await web.waitFor({ state: 'detached' });
    expect(await job.count()).toBe(1);
    await keyboard.press('Delete');
    await dialog()
      .getByText(/^Remove quiet-.*\?$/)
      .waitFor();
    await keyboard.press('Enter');
    await job.waitFor({ state: 'detached' });
    await view().getByText('Nothing of this workspace is started.').waitFor();
    expect(await window.toasts.count()).toBe(0);
  });

  test("what is somebody else's is as it was", async () => {
    expect(await foreign.state()).toEqual(before);
  });
});
