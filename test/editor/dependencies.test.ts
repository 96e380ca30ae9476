/** Dependencies in the editor: the lock to be committed, and a package of Debian's that compiling lacks. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Server } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { BASE_IMAGE, copySample, newNamespace, removeNamespace, type Sample } from './harness/workspace.js';

const namespace = newNamespace();
let browser: Browser;
let sample: Sample;
let server: Server | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await server?.stop();
  server = undefined;
  await sample.remove();
});

afterAll(async () => {
  await browser?.close();
  await removeNamespace(namespace);
});

async function open(): Promise<EditorWindow> {
  sample = await copySample('greet');
  server = await Server.start({ open: sample.folder, settings: { 'pypackage.namespace': namespace, 'pypackage.baseImage': BASE_IMAGE } });
  return EditorWindow.open(browser, server);
}

const inSample = (file: string): string => join(sample.folder, file);

test('Lock Dependencies writes the lock and shows it', async () => {
  const window = await open();
  await window.buttonSays(/greet$/);
  await window.command('PyPackage: Lock Dependencies');
  await window.quickInput.getByText('Upgrade Everything').waitFor();
  await window.screenshot('lock-choice');
  await window.pick(/Keep What Is Locked/);
  const toast = window.toast(/greet: pylock\.greet\.toml · \d+ packages?, to be committed/);
  await toast.waitFor({ timeout: 150_000 });
  await window.screenshot('locked');
  await toast.getByRole('button', { name: 'Show' }).click();
  await window.tab(/pylock\.greet\.toml/).waitFor();
  expect(readFileSync(inSample('pylock.greet.toml'), 'utf8')).toMatch(/^lock-version = "1\.0"$/m);
});

test('a header that is missing is named with its package, and one press adds it and builds again', async () => {
  const window = await open();
  writeFileSync(inSample('native.c'), '#include <Python.h>\n#include <sodium.h>\nint number(void) { return sodium_init(); }\n');
  writeFileSync(
    inSample('setup.py'),
    'from setuptools import Extension, setup\nsetup(ext_modules=[Extension("native", ["native.c"], libraries=["sodium"])])\n',
  );
  const metadata = readFileSync(inSample('pyproject.toml'), 'utf8');
  writeFileSync(
    inSample('pyproject.toml'),
    metadata.replace(/\[build-system\][^[]*\[[^[]*/, '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n\n'),
  );
  await window.buttonSays(/greet$/);
  await window.press();
  const toast = window.toast(/wheels failed: .*sodium\.h is missing/);
  await toast.waitFor({ timeout: 150_000 });
  await window.screenshot('header-missing');
  await toast.getByRole('button', { name: 'Add libsodium-dev and Retry' }).click();
  await expect.poll(() => existsSync(inSample('pypackage.json'))).toBe(true);
  expect(readFileSync(inSample('pypackage.json'), 'utf8')).toContain('"libsodium-dev"');
  // What is built next is an extension that no Python finds an entry in: importing it alone is a note.
  await window.toast(/greet .* is ready/).waitFor({ timeout: 150_000 });
  await window.screenshot('header-added');
  expect(server?.outputText()).toMatch(/the release gets libsodium\d+: greet \S+ uses libsodium\.so/);
});
