/** The view Wheels and the editor of a wheel: what is seen, what is wrong, what is in them, and what can be done, by mouse and by keyboard. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { WheelhouseLock } from '../../src/core/wheels/lock.js';
import { type SmallWheel, smallWheel, writeExport } from '../support/wheel-export.js';
import { openSample } from './harness/sample-window.js';
import type { EditorWindow } from './harness/window.js';
import type { Sample } from './harness/workspace.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const THEMES = ['Dark Modern', 'Light Modern', 'Dark High Contrast'];

const DESCRIPTION = `# inflect

Plurals, ordinals and <articles>, for people & programs.

    import inflect
    print(inflect.engine().plural('wheel'))
`;

const GREET: SmallWheel = {
  name: 'greet',
  version: '0.3.1',
  metadata:
    'Metadata-Version: 2.4\nName: greet\nVersion: 0.3.1\nSummary: Greets people by name, in any number\nRequires-Python: >=3.9\nRequires-Dist: inflect>=7\n',
  scripts: '[console_scripts]\ngreet = greet.command:main\n',
  files: { 'greet/__init__.py': '', 'greet/command.py': 'def main():\n    print("hello")\n', 'greet/greeting.py': 'x = 1\n'.repeat(300) },
};
const INFLECT: SmallWheel = {
  name: 'inflect',
  version: '7.5.0',
  metadata: [
    'Metadata-Version: 2.4',
    'Name: inflect',
    'Version: 7.5.0',
    'Summary: Correctly generate plurals, singular nouns, ordinals, indefinite articles',
    'Author-email: Paul Dyson <pwdyson@yahoo.com>',
    'License-Expression: MIT',
    'Project-URL: Source, https://github.com/jaraco/inflect',
    'Keywords: plural,inflect,participle',
    ...['Development Status :: 5 - Production/Stable', 'Intended Audience :: Developers', 'Programming Language :: Python :: 3'].map(
      (text) => `Classifier: ${text}`,
    ),
    'Requires-Python: >=3.9',
    'Requires-Dist: more-itertools>=8.5.0',
    'Requires-Dist: typeguard>=4.0.1',
    'Requires-Dist: pytest!=8.1.*,>=6; extra == "test"',
    'Provides-Extra: test',
    'Description-Content-Type: text/markdown',
    '',
    DESCRIPTION,
  ].join('\n'),
  scripts: '[pytest11]\ninflect = inflect.plugin\n',
  files: {
    'inflect/__init__.py': 'y = 1\n'.repeat(4000),
    'inflect/compat/__init__.py': '',
    'inflect/compat/py38.py': 'import sys\n',
    'inflect/py.typed': '',
    'inflect/<b>.py': '# its name is text, too\n',
  },
};
const DEPENDENCIES: readonly SmallWheel[] = [
  INFLECT,
  { name: 'more_itertools', version: '10.6.0' },
  { name: 'typeguard', version: '4.4.2', tag: 'cp313-cp313-musllinux_1_2_x86_64', files: { 'typeguard/_checks.so': 'ELF'.repeat(9000) } },
];

let sample: Sample;
let window: EditorWindow;
let lock: WheelhouseLock;

beforeAll(async () => {
  const opened = await openSample('greet', {
    prepare: async ({ folder }) => {
      lock = await writeExport(folder, 'greet', GREET, DEPENDENCIES);
      // What it names of the last one is another file, which fits the base image.
      const packages = DEPENDENCIES.map((parts, i) => {
        const { name, version, file, sha256 } = smallWheel(i === 2 ? { name: 'typeguard', version: '4.4.2' } : parts).locked;
        const wheel = `{ name = "${file}", url = "https://files.example/${file}", hashes = { sha256 = "${sha256}" } }`;
        return `[[packages]]\nname = "${name.replace('_', '-')}"\nversion = "${version}"\nwheels = [${wheel}]\n`;
      });
      writeFileSync(join(folder, 'pylock.toml'), `lock-version = "1.0"\ncreated-by = "test"\n${packages.join('\n')}`);
    },
    // No engine is asked for any of it: there is none.
    env: { DOCKER_HOST: `unix://${join(tmpdir(), 'no-engine.sock')}` },
  });
  ({ sample, window } = opened);
  await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await window.buttonSays(/greet$/);
  return opened.close;
});

const sidebar = (): Locator => window.page.locator('.sidebar');
const row = (name: RegExp): Locator =>
  sidebar()
    .getByRole('tree', { name: /Wheels/ })
    .getByRole('treeitem', { name });
const folder = (): string => join(sample.folder, 'target/pypackage/greet');
const pathOf = (name: string): string => join(folder(), lock.wheels.find((wheel) => wheel.name === name || wheel.name.replace('-', '_') === name)?.path ?? '');
const clipboard = async (): Promise<string> => z.parse(z.string(), await window.page.evaluate('navigator.clipboard.readText()'));
const press = (key: string): Promise<void> => window.page.keyboard.press(key);

async function expand(name: RegExp): Promise<void> {
  await row(name).locator('.monaco-tl-twistie').click();
}

const choose = (name: RegExp, item: string): Promise<void> => window.menu(row(name), item);

/** What axe finds in the page of a wheel. */
async function violations(): Promise<unknown> {
  const page = window.preview.locator('html');
  // Both as text: they run in the page, whose globals are not ours.
  await page.evaluate(`${AXE}; true`);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations', 'passes'] }).then(({ violations, passes }) => {
    if (!passes.some(({ id }) => id === 'color-contrast')) throw new Error('no contrast was looked at');
    return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary)].join('\\n'));
  })`);
}

describe('the view Wheels', () => {
  test('has the wheel of the application, and those of its dependencies behind one row', async () => {
    await window.page.locator('.activitybar').getByRole('tab', { name: 'PyPackage' }).click();
    // The others leave it the room.
    for (const header of await sidebar().locator('.pane-header').all()) {
      const isOpen = (await header.getAttribute('aria-expanded')) === 'true';
      if (isOpen && !/Wheels/.test((await header.getAttribute('aria-label')) ?? '')) await header.click();
    }
    await row(/^greet 0\.3\.1, py3-none-any · \d+ KB · (?:just now|\d+ s ago)/).waitFor();
    await row(/^3 dependencies, 1 warning · \d+ KB · pylock\.toml/).waitFor();
    await expand(/^3 dependencies/);
    await row(/^inflect 7\.5\.0, py3-none-any · /).waitFor();
    expect(await row(/^more-itertools 10\.6\.0, py3-none-any · /).count()).toBe(1);
    await row(/^typeguard 4\.4\.2, for musl; the base image has glibc 2\.41 · not the file of pylock\.toml · cp313-cp313-musllinux_1_2_x86_64 · /).waitFor();
  });

  test('shows what is in a wheel', async () => {
    await expand(/^inflect/);
    await row(/^Correctly generate plurals/).waitFor();
    await row(/^Requires, 3/).waitFor();
    await row(/^Files, \d+ · /).waitFor();
    await expand(/^Requires/);
    await row(/^pytest!=8\.1\.\*,>=6, extra == "test"/).waitFor();
    await expand(/^Entry points/);
    await row(/^inflect, inflect\.plugin · pytest11/).waitFor();
    await expand(/^Files/);
    await row(/^inflect, \d+ KB/).waitFor();
    for (const theme of THEMES) {
      await window.useTheme(theme);
      await window.screenshot(`wheels-${theme.toLowerCase().replaceAll(' ', '-')}`);
    }
    await window.useTheme('Dark Modern');
    await expand(/^inflect 7/);
    await row(/^Correctly/).waitFor({ state: 'detached' });
    expect(
      await sidebar()
        .getByRole('tree', { name: /Wheels/ })
        .getByRole('treeitem')
        .count(),
    ).toBe(5);
  });

  test('tells at once of a wheel that comes, and of one that goes', async () => {
    const extra = join(folder(), 'stray-1.0-py3-none-any.whl');
    writeFileSync(extra, smallWheel({ name: 'stray', version: '1.0' }).content);
    await row(/^stray 1\.0, not in the lock · /).waitFor();
    rmSync(extra);
    await row(/^stray/).waitFor({ state: 'detached' });
    expect(await row(/^greet 0\.3\.1/).count()).toBe(1);
  });

  test('keeps the row of a wheel that was built anew, with what is open in it', async () => {
    await expand(/^greet 0\.3\.1/);
    await row(/^Greets people by name/).waitFor();
    const later = { ...GREET, version: '0.4.0', metadata: 'Metadata-Version: 2.4\nName: greet\nVersion: 0.4.0\nSummary: Greets everybody\n' };
    await writeExport(sample.folder, 'greet', later, DEPENDENCIES);
    await row(/^greet 0\.4\.0, py3-none-any · /).waitFor();
    await row(/^Greets everybody/).waitFor();
    expect(await row(/^greet 0/).getAttribute('aria-expanded')).toBe('true');
    await writeExport(sample.folder, 'greet', GREET, DEPENDENCIES);
    await row(/^Greets people by name/).waitFor();
    await expand(/^greet 0\.3\.1/);
  });

  test('verifies wheels against the lock, and says which is another', async () => {
    const bytes = readFileSync(pathOf('more_itertools'));
    // Of the same size: sizes tell nothing.
    bytes.writeUInt16LE(bytes.readUInt16LE(12) ^ 1, 12);
    writeFileSync(pathOf('more_itertools'), bytes);
    const dependencies = row(/^3 dependencies/);
    await dependencies.hover();
    await dependencies.getByRole('button', { name: 'Verify Wheels' }).click();
    await window.toast(/more_itertools-10\.6\.0-py3-none-any\.whl is not as it was locked: its hash is another/).waitFor();
    await row(/^more-itertools 10\.6\.0, not as locked: another hash/).waitFor();
    await row(/^inflect 7\.5\.0, as locked · /).waitFor();
    await row(/^3 dependencies, 2 warnings/).waitFor();
    await window.screenshot('wheels-verified');
    // The application's, too.
    expect(await row(/, as locked · py3/).count()).toBe(2);
    await window.dismissToasts();
  });

  test('copies what several selected rows are', async () => {
    await row(/^inflect 7/).click();
    // What it opens takes the focus for a moment.
    await window.preview.getByRole('heading', { level: 1 }).waitFor();
    await row(/^typeguard/).click({ modifiers: ['Control'] });
    await choose(/^typeguard/, 'Copy as Requirement');
    await expect.poll(clipboard).toBe('inflect==7.5.0\ntypeguard==4.4.2');
    await choose(/^inflect 7/, 'Copy Hash');
    await expect.poll(clipboard).toMatch(new RegExp(`^sha256:${lock.wheels.find(({ name }) => name === 'inflect')?.sha256}\nsha256:[0-9a-f]{64}$`));
  });
});

describe('the editor of a wheel', () => {
  test('opens from its row, with what METADATA says as text', async () => {
    await row(/^inflect 7/).click();
    await window.tab(/^inflect-7\.5\.0-py3-none-any\.whl/).waitFor();
    await window.preview.getByRole('heading', { name: 'inflect 7.5.0', level: 1 }).waitFor();
    const text = await window.preview.locator('main').innerText();
    for (const part of ['Plurals, ordinals and <articles>, for people & programs.', 'Paul Dyson <pwdyson@yahoo.com>', 'pytest11', 'MIT', '<b>.py'])
      expect(text).toContain(part);
    expect(text).toContain('Its hash is the one in the lock of this export.');
    expect(await window.preview.getByRole('link', { name: 'Source' }).getAttribute('href')).toBe('https://github.com/jaraco/inflect');
  });

  test('copies and filters', async () => {
    await window.preview.getByRole('button', { name: 'Copy inflect==7.5.0' }).click();
    await window.preview.getByText('Copied').waitFor();
    await expect.poll(clipboard).toBe('inflect==7.5.0');
    await window.preview.getByRole('searchbox', { name: 'Filter files by path' }).fill('COMPAT/py');
    await window.preview.getByText('1 of 9 files').waitFor();
    expect(await window.preview.locator('.file:visible').allInnerTexts()).toEqual([expect.stringMatching(/^py38\.py\s+11 B$/)]);
    await window.preview.getByRole('searchbox').fill('');
    expect(await window.preview.locator('.file:visible').count()).toBe(9);
  });

  test.each(THEMES)('has nothing that axe finds, in %s', async (theme) => {
    await window.useTheme(theme);
    await window.preview
      .locator('body')
      .and(window.preview.locator(theme.includes('Light') ? '.vscode-light' : theme.includes('High') ? '.vscode-high-contrast' : '.vscode-dark'))
      .waitFor();
    expect(await violations()).toEqual([]);
    await window.screenshot(`wheel-editor-${theme.toLowerCase().replaceAll(' ', '-')}`);
  });

  test('is narrow where it has to be', async () => {
    await window.useTheme('Dark Modern');
    await window.page.setViewportSize({ width: 640, height: 800 });
    const overflow = await window.preview.locator('html').evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    await window.screenshot('wheel-editor-narrow');
    await window.page.setViewportSize({ width: 1280, height: 800 });
    expect(overflow).toBe(0);
  });

  test('opens from the Explorer, says what is wrong with a file, and shows it when it has become a wheel', async () => {
    const file = join(sample.folder, 'dist-1.0-py3-none-any.whl');
    writeFileSync(file, 'no zip archive');
    await window.page
      .locator('.activitybar')
      .getByRole('tab', { name: /^Explorer/ })
      .click();
    await sidebar()
      .getByRole('treeitem', { name: /^dist-1\.0-py3-none-any\.whl/ })
      .click();
    await window.preview.getByText('dist-1.0-py3-none-any.whl is no valid wheel: it is no zip archive, or its end is missing').waitFor();
    await window.screenshot('wheel-editor-damaged');
    expect(await violations().catch((error: unknown) => String(error))).toEqual([]);
    writeFileSync(file, smallWheel({ name: 'dist', version: '1.0' }).content);
    await window.preview.getByRole('heading', { name: 'dist 1.0', level: 1 }).waitFor();
  });
});

describe('by the keyboard alone', () => {
  test('a wheel is found, opened and deleted, after it was asked', async () => {
    await window.command('View: Close All Editors');
    await window.command('PyPackage: Focus on Wheels View');
    await press('Home');
    await row(/^greet 0\.3\.1/)
      .and(window.page.locator('.focused'))
      .waitFor();
    await press('Enter');
    await window.preview.getByRole('heading', { name: 'greet 0.3.1', level: 1 }).waitFor();
    await window.command('PyPackage: Focus on Wheels View');
    await press('Home');
    await press('Delete');
    const dialog = window.page.getByRole('dialog');
    await dialog.getByText(/Delete greet-0\.3\.1-py3-none-any\.whl \(\d+ KB\)\?/).waitFor();
    await window.screenshot('wheels-delete');
    await press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(existsSync(pathOf('greet'))).toBe(true);
    await press('Delete');
    await dialog.getByRole('button', { name: 'Delete' }).waitFor();
    await press('Enter');
    await row(/^greet 0\.3\.1, missing; the next build exports it again/).waitFor();
    expect(existsSync(pathOf('greet'))).toBe(false);
    await window.preview.getByText('greet-0.3.1-py3-none-any.whl is not there any more').waitFor();
    await window.dismissToasts();
  });
});

test('a wheel is dragged into an editor, and takes its file along for whoever is outside of the window', async () => {
  await window.command('View: Close All Editors');
  await window.page.evaluate(`addEventListener('dragstart', ({ dataTransfer }) => {
    dragged = [...dataTransfer.types].map((type) => [type, dataTransfer.getData(type)]);
  }, { once: true })`);
  const { mouse } = window.page;
  await row(/^typeguard/).hover();
  await mouse.down();
  await mouse.move(800, 400, { steps: 8 });
  await mouse.move(802, 402);
  await window.page.waitForTimeout(200);
  await mouse.up();
  await window.tab(/^typeguard-4\.4\.2/).waitFor();
  // VS Code 1.100 looks on the browser's machine for what an extension of another machine names.
  if (process.env['PYPACKAGE_TEST_EDITOR'] !== 'oldest') await window.preview.getByRole('heading', { name: 'typeguard 4.4.2', level: 1 }).waitFor();
  // What VS Code's own Explorer gives along, too.
  const dragged = z.parse(z.array(z.tuple([z.string(), z.string()])), await window.page.evaluate('dragged'));
  expect(new Map(dragged).get('resourceurls')).toMatch(new RegExp(`^\\["[a-z-]+://[^"]*${pathOf('typeguard')}"\\]$`));
});

test('without an export it says what to do', async () => {
  rmSync(join(sample.folder, 'target'), { recursive: true });
  await sidebar()
    .getByText(/Nothing is built yet/)
    .waitFor();
  await window.screenshot('wheels-nothing-built');
  expect(await sidebar().locator('.welcome-view').getByRole('button', { name: 'Build' }).count()).toBeGreaterThan(0);
});
