// What the extension costs a person in a real VS Code (code-server in Chromium): activation, the first line after a click, the time until a
// cancelled step is gone, and memory of the extension host; of a peer what can be compared.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, cpSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../../scripts/setup/chromium.mjs';
import { ensureCodeServer } from '../../scripts/setup/code-server.mjs';
import { freePort } from '../../scripts/setup/editor.mjs';
import { json } from '../../scripts/setup/engine-client.mjs';
import { ROOT } from '../../scripts/setup/node-modules.mjs';
import { run } from '../../scripts/setup/processes.mjs';
import { say, SetupError, step } from '../../scripts/setup/say.mjs';
import { summarize } from './statistics.mjs';

const OURS = 'pypackage.pypackage-docker';
/** Milliseconds until a window that has opened does nothing more by itself. */
const SETTLED = 6000;
const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.editor.useModal': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'telemetry.telemetryLevel': 'off',
  'security.workspace.trust.startupPrompt': 'never',
  'remote.autoForwardPorts': false,
};

/** `{ rounds, ours, alone, peer? }`: milliseconds and bytes, summarised; `alone` is a host without either extension. */
export function measureEditor(context, base, { rounds, peer }) {
  return withLab(context, base, { peer }, async (lab, installed) => {
    const figures = {};
    for (let round = 1; round <= rounds; round++) {
      for (const [who, extension] of Object.entries(installed)) {
        if (lab.signal.aborted) throw new SetupError('Stopped.');
        const measured = await measureOnce(lab, who, extension, round);
        say(
          `  ${who.padEnd(6)} round ${round}: ${Object.entries(measured)
            .map(([name, value]) => `${name} ${name.startsWith('memory') ? `${Math.round(value / 1e6)} MB` : `${Math.round(value)} ms`}`)
            .join(', ')}`,
        );
        for (const [name, value] of Object.entries(measured)) ((figures[who] ??= {})[name] ??= []).push(value);
      }
    }
    const summaries = Object.fromEntries(
      Object.entries(figures).map(([who, values]) => [who, Object.fromEntries(Object.entries(values).map(([name, list]) => [name, summarize(list)]))]),
    );
    return { rounds, ...summaries, ...(installed.peer && { peerName: `${installed.peer.displayName} ${installed.peer.version}` }) };
  });
}

/** A browser, and an editor's installation each for nobody (`alone`), for us and for a peer; `beside` is in all of them. */
export async function withLab(context, base, { peer, beside = [] }, measure) {
  const { signal, work } = context;
  await step('Packaging the extension', () => run('npm', ['run', 'package'], { cwd: ROOT, signal, explain: 'npm run package' }));
  const program = await ensureCodeServer(join(ROOT, '.cache'), { signal });
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
  try {
    const lab = { ...context, base, program, browser, folder: join(work, 'editor') };
    const installed = {
      alone: await install(lab, 'alone', beside),
      ours: await install(lab, 'ours', [join(ROOT, 'dist', 'pypackage-docker.vsix'), ...beside]),
      ...(peer !== undefined && { peer: await install(lab, 'peer', [peer, ...beside]) }),
    };
    return await measure(lab, installed);
  } finally {
    await browser.close();
  }
}

/** Throws where a file cannot be an extension's package. */
export function checkPeer(file) {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw new SetupError(`There is no file ${file}: --peer takes the VSIX of an extension.`);
  // https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT : a VSIX is a ZIP archive, which begins with these bytes
  if (readFileSync(file).subarray(0, 4).toString('latin1') !== 'PK\u0003\u0004')
    throw new SetupError(`${file} is no VSIX: --peer takes an extension as "vsce package" makes it.`);
}

/** One window of a fresh server. */
async function measureOnce(lab, who, extension, round) {
  const project = join(lab.folder, `greet-${who}-${round}`);
  cpSync(join(ROOT, 'examples', 'greet'), project, { recursive: true, filter: (path) => !/(target|__pycache__)$/.test(path) });
  const editor = await open(lab, extension, project);
  const { page } = editor;
  try {
    if (who === 'ours') await page.locator(`[id="${OURS}.pypackage.target"]`).filter({ hasText: 'greet' }).waitFor({ timeout: 60_000 });
    await sleep(SETTLED);
    const memory = residentOf(editor.hostPid());
    const figures = { memory, ...(who !== 'alone' && (await activation(page, extension))) };
    if (who !== 'ours') return figures;
    const text = () => editor.channel();
    const before = performance.now();
    await page.locator(`[id="${OURS}.pypackage.target"] a`).click();
    await until(() => text() !== '', 60_000, 'a first line in the channel');
    const firstLine = performance.now() - before;
    await until(() => /■ Done in/.test(text()), 300_000, 'the end of the build', text);
    await sleep(SETTLED);
    const memoryAfterBuild = residentOf(editor.hostPid());
    // A step that takes its time: a build backend of the project's own.
    writeFileSync(join(project, 'slow_backend.py'), 'import time\nprint("the slow part begins", flush=True)\ntime.sleep(120)\n');
    const manifest = join(project, 'pyproject.toml');
    const system = '[build-system]\nrequires = []\nbuild-backend = "slow_backend"\nbackend-path = ["."]\n\n';
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/\[build-system\][^[]*/, system));
    await page.locator(`[id="${OURS}.pypackage.target"] a`).click();
    await until(() => text().includes('the slow part begins'), 120_000, 'the step that is cancelled', text);
    const containers = async () => (await containersOf(lab, project)).length;
    if ((await containers()) === 0) throw new SetupError('The step that is to be cancelled has no container.');
    const pressed = performance.now();
    await page.keyboard.press('Control+k');
    await page.keyboard.press('x');
    while ((await containers()) > 0) {
      if (performance.now() - pressed > 30_000) throw new SetupError('30 s after the cancel its containers are still there.');
      await sleep(10);
    }
    return { ...figures, firstLine, memoryAfterBuild, cancelled: performance.now() - pressed };
  } finally {
    await editor.close();
    rmSync(project, { recursive: true, force: true });
  }
}

/** Ids of the containers that exist for the project; a copy without a remote is told by its path. */
async function containersOf({ env }, project) {
  const id = createHash('sha256').update(realpathSync(project)).digest('hex').slice(0, 8);
  const filters = encodeURIComponent(JSON.stringify({ label: [`io.pypackage.project=greet-${id}`] }));
  return (await json(env.DOCKER_HOST, 'GET', `/containers/json?all=1&filters=${filters}`)).map(({ Id }) => Id);
}

/** From VS Code's own list of running extensions: loading and activating together. */
async function activation(page, { displayName }) {
  await palette(page, 'Developer: Show Running Extensions');
  const list = page.locator('.runtime-extensions-editor');
  await list.locator('.extension').first().waitFor();
  for (let tries = 0; tries < 30; tries++) {
    for (const text of await list.locator('.extension').allInnerTexts()) {
      const ms = /Activation: (\d+)ms/.exec(text)?.[1];
      if (text.includes(displayName) && ms !== undefined) return { activation: Number(ms) };
    }
    await list.locator('.monaco-list').focus();
    await page.keyboard.press('PageDown');
    await sleep(200);
  }
  // One that waits for something else than this folder has no figure.
  return {};
}

async function palette(page, title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input.input').fill(`>${title}`);
  await page.locator('.quick-input-widget').getByRole('option', { name: title }).first().click();
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** A folder of extensions with these in it; tells the one that is measured. */
async function install({ program, folder }, who, vsix) {
  const extensions = join(folder, who, 'extensions');
  mkdirSync(extensions, { recursive: true });
  for (const file of vsix) {
    const args = [program.entry, '--user-data-dir', join(folder, who, 'user'), '--extensions-dir', extensions, '--install-extension', file];
    await run(program.node, args, { env: environment(program, join(folder, who), process.env), explain: `Installing ${file} in VS Code` });
  }
  const name = readdirSync(extensions, { withFileTypes: true }).find((entry) => entry.isDirectory() && !entry.name.startsWith('pypackage-test.'))?.name;
  if (who !== 'alone' && name === undefined) throw new SetupError(`VS Code did not install ${vsix[0]}: is it an extension's VSIX, and for this version?`);
  if (name === undefined) return { extensions };
  const manifest = JSON.parse(readFileSync(join(extensions, name, 'package.json'), 'utf8'));
  const texts = join(extensions, name, 'package.nls.json');
  const key = /^%(.*)%$/.exec(manifest.displayName ?? '')?.[1];
  const displayName = key === undefined ? manifest.displayName : textsOf(texts)[key];
  const [container] = manifest.contributes?.viewsContainers?.activitybar ?? [];
  const tab = container?.title === undefined ? undefined : (textsOf(texts)[/^%(.*)%$/.exec(container.title)?.[1]] ?? container.title);
  return { extensions, version: manifest.version, tab, displayName: displayName ?? manifest.name };
}

function textsOf(file) {
  if (!existsSync(file)) return {};
  return Object.fromEntries(Object.entries(JSON.parse(readFileSync(file, 'utf8'))).map(([key, value]) => [key, value?.message ?? value]));
}

export async function open({ program, browser, folder, base, prefix, env }, { extensions }, project) {
  const home = join(folder, 'run');
  rmSync(home, { recursive: true, force: true });
  const settings = { ...QUIET, 'pypackage.baseImage': base, 'pypackage.namespace': `${prefix}-editor` };
  for (const place of ['User', 'Machine']) {
    mkdirSync(join(home, 'user', place), { recursive: true });
    writeFileSync(join(home, 'user', place, 'settings.json'), JSON.stringify(settings));
  }
  const port = await freePort();
  const log = join(home, 'server.log');
  const output = openSync(log, 'w');
  const flags = ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];
  const args = [program.entry, '--user-data-dir', join(home, 'user'), '--extensions-dir', extensions, '--disable-workspace-trust', ...flags, project];
  // A process group of its own: what it starts ends with it.
  const child = spawn(program.node, args, { env: environment(program, home, env), stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok && child.exitCode === null,
      () => false,
    );
  await until(isUp, 30_000, 'code-server', () => readFileSync(log, 'utf8'));
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(project)}`);
  await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
  const hostPid = () => Number([...readFileSync(log, 'utf8').matchAll(/<(\d+)> Launched Extension Host/g)].at(-1)?.[1]);
  await until(() => Number.isInteger(hostPid()), 30_000, 'an extension host');
  return {
    page,
    hostPid,
    channel: () => {
      const file = readdirSync(join(home, 'user', 'logs'), { recursive: true }).find((name) => /\d+-PyPackage\.log$/.test(name));
      return file === undefined ? '' : readFileSync(join(home, 'user', 'logs', file), 'utf8');
    },
    close: async () => {
      await page.context().close();
      const ended = new Promise((resolve) => void child.once('exit', resolve));
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(8000)]);
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing of it is left.
      }
    },
  };
}

function environment(program, home, env) {
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(NODE_OPTIONS|VSCODE_.*|PYPACKAGE_.*)$/.test(name)));
  return {
    ...kept,
    PATH: dirname(program.node) + delimiter + (process.env.PATH ?? ''),
    XDG_CONFIG_HOME: join(home, 'xdg'),
    XDG_DATA_HOME: join(home, 'xdg'),
    XDG_CACHE_HOME: join(home, 'xdg'),
  };
}

export async function until(condition, ms, what, tell = () => '') {
  for (const began = Date.now(); !(await condition()); await sleep(5)) {
    if (Date.now() - began > ms) throw new SetupError(`Waited ${ms / 1000} s for ${what} in vain.\n${tell().split('\n').slice(-15).join('\n')}`);
  }
}

/** Bytes. */
function residentOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
