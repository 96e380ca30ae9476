/** The release in use: started until it answers, opened, looked into, its log followed, stopped. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { makeRandomProject, type RandomProject } from '../support/random-project.js';
import { Server } from './harness/server.js';
import { followInTerminal, TERMINAL_IN_THE_PAGE, terminalSays, terminalText, typeInTerminal } from './harness/terminal.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { BASE_IMAGE, engine, newNamespace, removeNamespace } from './harness/workspace.js';

describe('a release', () => {
  const namespace = newNamespace();
  let parent: string;
  let project: RandomProject;
  let browser: Browser;
  let server: Server;
  let window: EditorWindow;
  let url: string;

  beforeAll(async () => {
    parent = mkdtempSync(join(tmpdir(), 'pypackage-sample-'));
    project = await makeRandomProject(parent, 21);
    browser = await launchBrowser();
    const settings = { 'pypackage.namespace': namespace, 'pypackage.baseImage': BASE_IMAGE, ...TERMINAL_IN_THE_PAGE };
    server = await Server.start({ open: project.root, settings });
    window = await EditorWindow.open(browser, server);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    for (const { Id } of await services()) await engine.getContainer(Id).remove({ force: true, v: true });
    const label = (await volumes()).map(({ Name }) => Name);
    for (const name of label) await engine.getVolume(name).remove({ force: true });
    rmSync(parent, { recursive: true, force: true });
    await removeNamespace(namespace);
  });

  const images = async (): Promise<ReadonlySet<string>> =>
    new Set((await engine.listImages({ filters: { reference: [`${namespace}/*`] } })).map(({ Id }) => Id));

  const nameOfProject = (): string => project.distribution.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

  /** Containers of this test's project, running or not: other files' runs have theirs on the same base image. */
  async function services(): Promise<readonly { readonly Id: string; readonly State: string; readonly Names: readonly string[]; readonly Project: string }[]> {
    const ours = await images();
    const all = await engine.listContainers({ all: true, filters: { label: ['io.pypackage.project'] } });
    return all
      .filter(({ ImageID, Labels }) => ours.has(ImageID) && Labels['io.pypackage.project']?.includes(nameOfProject()))
      .map(({ Id, State, Names, Labels }) => ({ Id, State, Names, Project: Labels['io.pypackage.project'] ?? '' }));
  }

  async function volumes(): Promise<readonly { readonly Name: string }[]> {
    const all = (await engine.listVolumes({ filters: { label: ['io.pypackage.project'] } })).Volumes;
    return all.filter(({ Name }) => Name.includes(nameOfProject()));
  }

  async function processes(pattern: RegExp): Promise<number> {
    const [service] = await services();
    const { Processes } = await engine.getContainer(service?.Id ?? '').top({ ps_args: '-eo pid,args' });
    return z.parse(z.array(z.array(z.string())), Processes).filter((row) => pattern.test(row.join(' '))).length;
  }

  test('without one there is nothing to look into, and the next step is a button', async () => {
    await window.buttonSays(new RegExp(project.distribution, 'i'));
    await window.command('PyPackage: Open Shell');
    const toast = window.toast(/There is no release of/);
    await toast.getByRole('button', { name: 'Build' }).waitFor();
    await window.screenshot('shell-no-release');
    await toast.getByRole('button', { name: 'Build' }).click();
    await window.toast(/ is ready \(/).waitFor({ timeout: 170_000 });
    await window.dismissToasts();
    expect(await services()).toEqual([]);
  });

  test('a shell is one of its own while nothing runs, and is gone with its terminal', async () => {
    await window.command('PyPackage: Open Shell');
    await terminalSays(window, /Nothing is running: in a container of its own of /);
    await typeInTerminal(window, 'echo "is $((6*7))"\n');
    await terminalSays(window, /^is 42$/m);
    expect(await services()).toHaveLength(1);
    await window.command('Terminal: Kill the Active Terminal Instance');
    await expect.poll(() => services(), { timeout: 20_000 }).toEqual([]);
  });

  test('Start waits until it answers', async () => {
    await window.command('PyPackage: Start');
    await window.toast(/Starting .*: waiting until it answers/).waitFor();
    await window.screenshot('release-starting');
    const toast = window.toast(/is running at http:\/\/127\.0\.0\.1:\d+/);
    await toast.waitFor({ timeout: 60_000 });
    await window.screenshot('release-started');
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(await toast.innerText())?.[0] ?? '';
    expect(await (await fetch(url)).text()).toContain(project.sentence);
    for (const name of ['Open in Browser', 'Follow Logs', 'Stop']) expect(await toast.getByRole('button', { name }).count()).toBe(1);
    const sidebar = window.page.locator('.activitybar').getByRole('tab', { name: 'PyPackage' });
    await sidebar.click();
    await window.page.getByRole('treeitem', { name: new RegExp(`^web, healthy · :${new URL(url).port} · `) }).waitFor();
    await window.screenshot('release-in-containers');
    await sidebar.click();
  });

  test('Open in Browser takes the address that this browser reaches', async () => {
    const opened = window.page.context().waitForEvent('page');
    await window
      .toast(/is running at/)
      .getByRole('button', { name: 'Open in Browser' })
      .click();
    const page = await opened;
    await page.waitForLoadState();
    // The server's own way to the port: what asExternalUri makes of it here.
    expect(page.url()).toContain(`/proxy/${new URL(url).port}`);
    await page.close();
  });

  test('a shell in it: Ctrl+C, its size, its exit code', async () => {
    await window.command('PyPackage: Open Shell');
    await terminalSays(window, /In the release that is running/);
    await typeInTerminal(window, 'echo "is $((6*7))"\n');
    await terminalSays(window, /^is 42$/m);
    await typeInTerminal(window, 'sleep 345\n');
    await expect.poll(() => processes(/sleep 345/)).toBe(1);
    await window.page.keyboard.press('Control+c');
    await expect.poll(() => processes(/sleep 345/)).toBe(0);
    await typeInTerminal(window, 'stty size\n');
    const before = /^(\d+) (\d+)$/m.exec(await terminalSays(window, /^\d+ \d+$/m))?.[1];
    await window.screenshot('shell');
    await window.command('View: Toggle Maximized Panel');
    // Asked until the new size has got there: it takes its own way to the engine.
    const rows = async (): Promise<number> => {
      await typeInTerminal(window, 'clear; stty size\n');
      return Number(/^(\d+) \d+$/m.exec(await terminalSays(window, /^\d+ \d+$/m))?.[1]);
    };
    await expect.poll(rows, { interval: 300 }).toBeGreaterThan(Number(before) + 5);
    await window.command('View: Toggle Maximized Panel');
    // An installed module is a link to the file of the workspace that it was made of.
    const settings = `${project.settings.split('.').at(-1)}.py`;
    await typeInTerminal(window, `clear; python -c "import ${project.settings} as settings; print(settings.__file__)"\n`);
    await terminalSays(window, new RegExp(`^/appenv/.*/${settings}$`, 'm'));
    await followInTerminal(window, `/${settings}`, 'shell-link');
    await window.tab(new RegExp(settings)).waitFor();
    expect(await window.editorText()).toContain('SECRET_KEY');
    await typeInTerminal(window, 'python -c "import django; print(django.__name__)"; exit 3\n');
    await window.toast(/exit code: 3/).waitFor();
    await window.dismissToasts();
  });

  test('closing its terminal ends what runs in it, and not the release', async () => {
    await window.command('PyPackage: Open Shell');
    await terminalSays(window, /In the release that is running/);
    await typeInTerminal(window, 'sleep 346\n');
    await expect.poll(() => processes(/sleep 346/)).toBe(1);
    await window.command('Terminal: Kill the Active Terminal Instance');
    await expect.poll(() => processes(/sleep 346|bash/), { timeout: 20_000 }).toBe(0);
    expect((await fetch(url)).status).toBe(200);
  });

  test('its log is followed, over a restart, too', async () => {
    await window.command('PyPackage: Follow Logs');
    await terminalSays(window, /GET \//);
    await fetch(`${url}/?seen`);
    await terminalSays(window, /GET \/\?seen/);
    const [service] = await services();
    // Its health check fills the terminal's few rows with a line a second: it is looked at as it comes.
    const restarted = engine.getContainer(service?.Id ?? '').restart({ t: 1 });
    await terminalSays(window, /was started again[^]*Listening at/, 30_000);
    await restarted;
    await fetch(`${url}/?again`);
    await terminalSays(window, /GET \/\?again/);
    await window.screenshot('log-followed');
    // A second time it is the same terminal.
    await window.command('PyPackage: Follow Logs');
    expect(await window.page.locator('.terminal-tabs-entry, .single-terminal-tab').count()).toBe(1);
    expect(await terminalText(window)).toMatch(/GET \//);
  });

  test.each(['Light Modern', 'Dark High Contrast'])('can be read in %s', async (theme) => {
    await window.useTheme(theme);
    await window.screenshot(`log-followed-${theme.toLowerCase().replaceAll(' ', '-')}`);
    expect(await terminalText(window)).toMatch(/GET \//);
  });

  test('Stop stops it, and the log waits for the next start', async () => {
    await window.command('PyPackage: Stop');
    await window.page
      .locator('.statusbar')
      .getByText(/Stopped /)
      .waitFor({ timeout: 30_000 });
    expect(await services()).toEqual([]);
    await terminalSays(window, /Waiting for the next start/);
  });

  test('a start that is cancelled leaves nothing; one that ends by itself is told with what it wrote last', async () => {
    const settings = join(project.root, `${project.settings.replaceAll('.', '/')}.py`);
    const guard =
      'if "STATIC_ROOT" in os.environ and os.environ.get("SECRET_KEY") != "only-for-collectstatic":\n    import time\n    time.sleep(5)\n    raise RuntimeError("no secret was given")\n';
    writeFileSync(settings, `${readFileSync(settings, 'utf8')}${guard}`);
    await window.press();
    await window.toast(/ is ready \(/).waitFor({ timeout: 120_000 });
    await window.dismissToasts();
    const errors = server.outputText().split('✗').length;
    await window.command('PyPackage: Start');
    await expect.poll(() => services(), { interval: 50 }).toHaveLength(1);
    const starting = window.toast(/Starting .*: waiting until it answers/);
    await starting.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => services(), { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => window.toasts.count()).toBe(0);
    await window.screenshot('release-start-cancelled');
    expect(server.outputText().split('✗')).toHaveLength(errors);
    await window.command('PyPackage: Start');
    const toast = window.toast(/ended right after its start|does not answer/);
    await toast.waitFor({ timeout: 130_000 });
    await window.screenshot('release-ended');
    expect(await toast.innerText()).toMatch(/exit code \d+: RuntimeError: no secret was given/);
    await toast.getByRole('button', { name: 'Show Output' }).waitFor();
    expect(server.outputText()).toContain('no secret was given');
    // Who followed the log was not told of it as a failure.
    expect(await window.toast(/refused to read the logs/).count()).toBe(0);
    expect(await services()).toEqual([]);
  });
});
