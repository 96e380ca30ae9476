/** Tasks: those of tasks.json, Run Build Task, what depends on one, its end by a person, and what a failure leaves. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSample } from './harness/sample-window.js';
import type { Server } from './harness/server.js';
import { followInTerminal, TERMINAL_IN_THE_PAGE, terminalSays, terminalText } from './harness/terminal.js';
import type { EditorWindow } from './harness/window.js';
import { containersOf, releaseImages, type Sample } from './harness/workspace.js';

const LONG = 'sleep 100; exit 1';
const TASKS = {
  version: '2.0.0',
  tasks: [
    { label: 'package', type: 'pypackage', action: 'all', problemMatcher: ['$pypackage-pip'], group: { kind: 'build', isDefault: true } },
    { label: 'long', type: 'pypackage', action: 'wheels', command: LONG, problemMatcher: [] },
    { label: 'traced', type: 'pypackage', action: 'wheels', command: 'python tools/make.py', problemMatcher: [] },
    { label: 'after', type: 'shell', command: 'echo made > made.txt', dependsOn: 'package', problemMatcher: [] },
    { label: 'nowhere', type: 'pypackage', action: 'wheels', project: '../elsewhere', problemMatcher: [] },
  ],
};
const LAUNCH = {
  version: '0.2.0',
  configurations: [{ name: 'serve', type: 'node', request: 'launch', program: '${workspaceFolder}/launched.cjs', preLaunchTask: 'package' }],
};
const NATIVE = '#include <Python.h>\nstatic int old(void) { int unused; return 0; }\nint broken(void) { return nothing; }\n';
const TRACED = 'print("see /src/src/greet/greeting.py:3:1")\n\n\ndef make():\n    raise RuntimeError("nothing was made")\n\n\nmake()\n';
const SETUP = 'from setuptools import Extension, setup\n\nsetup(ext_modules=[Extension("greet.native", ["native/native.c"])])\n';

describe('tasks of a project', () => {
  let namespace: string;
  let sample: Sample;
  let server: Server;
  let window: EditorWindow;

  beforeAll(async () => {
    const opened = await openSample('greet', {
      settings: TERMINAL_IN_THE_PAGE,
      prepare: ({ folder }) => {
        mkdirSync(join(folder, '.vscode'));
        writeFileSync(join(folder, '.vscode/tasks.json'), JSON.stringify(TASKS, null, 2));
        writeFileSync(join(folder, '.vscode/launch.json'), JSON.stringify(LAUNCH, null, 2));
        writeFileSync(join(folder, 'launched.cjs'), "require('node:fs').writeFileSync(__dirname + '/launched.txt', 'yes');\n");
      },
    });
    ({ namespace, sample, server, window } = opened);
    return opened.close;
  });

  async function runTask(label: string): Promise<void> {
    await window.command('Tasks: Run Task');
    await window.quickInput.locator('input.input').fill(label);
    await window.pick(new RegExp(`^${label}`));
  }

  test('Run Build Task runs that of tasks.json, drawn as the command line draws it', async () => {
    await window.buttonSays(/greet$/);
    await window.command('Tasks: Run Build Task');
    await terminalSays(window, /greet 0\.3\.1 · Python 3\.\d+/, 60_000);
    await window.buttonSays(/greet: (starting|base|builder|wheels|release) /);
    await window.screenshot('task-running');
    const text = await terminalSays(window, /Done in [^\n]*\.\n[^]*Terminal will be reused by tasks/, 170_000);
    for (const stage of ['base', 'builder', 'wheels', 'release']) expect(text).toMatch(new RegExp(`^ {2}${stage} `, 'm'));
    await window.screenshot('task-done');
    expect(await releaseImages(namespace)).toHaveLength(1);
    // The terminal has told it: no message besides.
    expect(await window.toast(/is ready/).count()).toBe(0);
  });

  test('what depends on one runs after it', async () => {
    await runTask('after');
    await expect.poll(() => existsSync(join(sample.folder, 'made.txt')), { timeout: 60_000 }).toBe(true);
  });

  test('preLaunchTask: the program is launched after the build', async () => {
    await window.page.keyboard.press('F5');
    await expect.poll(() => existsSync(join(sample.folder, 'launched.txt')), { timeout: 60_000 }).toBe(true);
    expect(readFileSync(join(sample.folder, 'launched.txt'), 'utf8')).toBe('yes');
  });

  test('the provided tasks are offered by what they do', async () => {
    await window.command('Tasks: Run Task');
    await window.quickInput.locator('input.input').fill('pypackage');
    await window.quickInput.locator('.monaco-list-row').filter({ hasText: 'pypackage' }).first().click();
    for (const name of ['Build the wheels of greet', 'Lock the dependencies of greet', 'Make the release of greet', 'Start greet', 'Stop greet']) {
      await window.quickInput.getByRole('option', { name }).first().waitFor();
    }
    await window.screenshot('tasks-offered');
    // That of tasks.json which says the same has taken its place.
    expect(await window.quickInput.getByRole('option', { name: /Build greet/ }).count()).toBe(0);
    expect(await window.quickInput.getByRole('option', { name: /package/ }).count()).toBeGreaterThan(0);
    await window.page.keyboard.press('Escape');
    await window.page.keyboard.press('Escape');
  });

  test('a task that is ended cancels its run, of which nothing is left', async () => {
    await runTask('long');
    await expect.poll(() => containersOf(sample), { timeout: 60_000, interval: 50 }).not.toEqual([]);
    await window.command('Tasks: Terminate Task');
    await window.pick(/long/);
    await expect.poll(() => containersOf(sample), { timeout: 30_000 }).toEqual([]);
    await window.buttonSays(/greet$/);
    expect(server.outputText()).toMatch(/■ Cancelled after /);
    expect(await releaseImages(namespace)).toHaveLength(1);
  });

  test('a task that joins a run says so, and leaves it alone when it is ended', async () => {
    await window.command('PyPackage: Build Wheels with Command…');
    await window.quickInput.locator('input').fill(LONG);
    await window.page.keyboard.press('Enter');
    await window.buttonSays(/greet: wheels /, 60_000);
    await runTask('long');
    await terminalSays(window, /greet is being run already\. What comes from now on is shown here/);
    await window.screenshot('task-joined');
    await window.command('Tasks: Terminate Task');
    await window.pick(/long/);
    await window.page.waitForTimeout(1000);
    await window.buttonSays(/greet: wheels /);
    expect(await containersOf(sample)).not.toEqual([]);
    await window.command('PyPackage: Cancel');
    await expect.poll(() => containersOf(sample), { timeout: 30_000 }).toEqual([]);
  });

  test('a project that is not there is told in the terminal', async () => {
    await runTask('nowhere');
    const text = await terminalSays(window, /error: There is no Python project in \.\.\/elsewhere/);
    expect(text).toMatch(/ {2}fix +Name the folder of a project/);
  });

  test('a failure: its exit code, its problem once, and what else the compiler said', async () => {
    mkdirSync(join(sample.folder, 'native'));
    writeFileSync(join(sample.folder, 'native/native.c'), NATIVE);
    writeFileSync(join(sample.folder, 'setup.py'), SETUP);
    const metadata = readFileSync(join(sample.folder, 'pyproject.toml'), 'utf8');
    writeFileSync(
      join(sample.folder, 'pyproject.toml'),
      metadata.replace('hatchling>=1.26', 'setuptools>=77').replace('hatchling.build', 'setuptools.build_meta'),
    );
    await window.command('Tasks: Run Build Task');
    await window.buttonSays(/greet: wheels failed/, 120_000);
    await terminalSays(window, /The terminal process terminated with exit code: 1/);
    await window.screenshot('task-failed');
    await window.command('Problems: Focus on Problems View');
    await expect.poll(() => window.problems().allInnerTexts()).toEqual(expect.arrayContaining([expect.stringMatching(/unused variable/)]));
    await window.screenshot('task-problems');
    const rows = (await window.problems().allInnerTexts()).map((row) => row.replaceAll(/\s+/g, ' '));
    expect(rows.filter((row) => /nothing.*undeclared/.test(row))).toHaveLength(1);
  });

  test.each(['Light Modern', 'Dark High Contrast'])('can be read in %s', async (theme) => {
    await window.useTheme(theme);
    await window.command('Terminal: Focus Terminal');
    await window.screenshot(`task-failed-${theme.toLowerCase().replaceAll(' ', '-')}`);
    expect(await terminalText(window)).toMatch(/exit code: 1/);
  });

  test('what a container calls a file is a link to that of the workspace', async () => {
    mkdirSync(join(sample.folder, 'tools'));
    writeFileSync(join(sample.folder, 'tools/make.py'), TRACED);
    await runTask('traced');
    // Its few rows hold the end only.
    await window.command('View: Toggle Maximized Panel');
    await terminalSays(window, /RuntimeError: nothing was made[^]*exit code: 1/, 60_000);
    const place = (): Promise<string> => window.page.locator('.statusbar').innerText();
    await followInTerminal(window, 'tools/make.py", line 5', 'task-link');
    await window.tab(/make\.py/).waitFor();
    await expect.poll(place).toMatch(/Ln 5, Col 1/);
    await window.command('View: Toggle Maximized Panel');
    await followInTerminal(window, 'greet/greeting.py:3:1');
    await window.tab(/greeting\.py/).waitFor();
    await expect.poll(place).toMatch(/Ln 3, Col 1/);
  });
});
