// What the views of the side bar cost in a real VS Code: from the click to the first row, and from the engine's event to its row, on an engine
// with little and with much of the workspace; and a burst of events. Of a peer the same, as far as it has such views.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pack } from 'tar-stream';
import { connection, json, request, text } from '../../scripts/setup/engine-client.mjs';
import { ROOT } from '../../scripts/setup/node-modules.mjs';
import { run } from '../../scripts/setup/processes.mjs';
import { say, SetupError, step } from '../../scripts/setup/say.mjs';
import { open, until, withLab } from './editor.mjs';
import { summarize } from './statistics.mjs';

const CONTAINERS = 1000;
const IMAGES = 500;
const EVENTS = 10_000;
const AT_ONCE = 8;
/** Milliseconds until a window that was loaded again does nothing more by itself. */
const SETTLED = 6000;

/** `{ tries, few, many, peer?, burst }`: milliseconds, summarised; `few` has one container and one image of the workspace, `many` 1,000 and 500. */
export async function measureViews(context, base, { tries, peer }) {
  const monitor = join(context.work, 'loop-monitor.vsix');
  const vsce = join(ROOT, 'node_modules/@vscode/vsce/vsce');
  await run(process.execPath, [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', monitor], {
    cwd: join(ROOT, 'test/bench/loop-monitor'),
    explain: 'vsce package',
  });
  return withLab(context, base, { peer, beside: [monitor] }, async (lab, installed) => {
    const project = join(lab.folder, 'greet-views');
    cpSync(join(ROOT, 'examples', 'greet'), project, { recursive: true, filter: (path) => !/(target|__pycache__)$/.test(path) });
    const things = new Things(lab, project, base);
    const document = { tries };
    try {
      await things.addContainers(1);
      await things.addImages(1);
      for (const load of ['few', 'many']) {
        if (load === 'many') {
          await step(`  ${CONTAINERS} containers and ${IMAGES} images of the workspace`, async () => {
            await things.addContainers(CONTAINERS - 1);
            await things.addImages(IMAGES - 1);
          });
        }
        document[load] = await measureLoad(lab, installed.ours, project, things, { tries, tab: 'PyPackage' });
        tell(load, 'PyPackage', document[load]);
        if (installed.peer) {
          const figures = await measureLoad(lab, installed.peer, project, things, { tries, tab: installed.peer.tab });
          (document.peer ??= {})[load] = figures;
          tell(load, installed.peer.displayName, figures);
        }
      }
      document.burst = await step(`  A burst of ${EVENTS} events`, () => measureBurst(lab, installed.ours, project, things));
      say(`  event loop p99 ${document.burst.p99} ms, longest ${document.burst.max} ms; rows lost ${document.burst.lost}, doubled ${document.burst.doubled}`);
      return { ...document, ...(installed.peer && { peerName: `${installed.peer.displayName} ${installed.peer.version}` }) };
    } finally {
      await things.remove();
      rmSync(project, { recursive: true, force: true });
    }
  });
}

function tell(load, who, figures) {
  const words = Object.entries(figures).map(([name, { median, p90, n }]) => `${name} p50 ${median} ms, p90 ${p90} ms of ${n}`);
  say(`  ${load.padEnd(4)} ${who}: ${words.join('; ')}`);
}

/** Each click in a window that was loaded again; the events in the last of them. */
async function measureLoad(lab, extension, project, things, { tries, tab }) {
  const editor = await open(lab, extension, project);
  const { page } = editor;
  const figures = { firstRow: [], imageRow: [], containerRow: [] };
  try {
    for (let i = 0; i < tries; i++) {
      if (i > 0) await page.reload();
      await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
      const button = page.locator('.activitybar').getByRole('tab', { name: tab });
      await button.waitFor({ timeout: 60_000 });
      await sleep(SETTLED);
      // Another one in front, so that the click shows it anew.
      await page
        .locator('.activitybar')
        .getByRole('tab', { name: /^Explorer/ })
        .click();
      await sleep(300);
      await watchRows(page);
      await button.click();
      figures.firstRow.push(await elapsed(page, 'the first row'));
    }
    await sleep(SETTLED);
    for (let i = 0; i < tries; i++) {
      figures.imageRow.push(await things.eventToRow(page, () => things.addImage()));
      figures.containerRow.push(await things.eventToRow(page, () => things.addContainer()));
    }
    return Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, withP90(values)]));
  } finally {
    await editor.close();
  }
}

function withP90(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { ...summarize(values), p90: Math.round(sorted[Math.ceil(sorted.length * 0.9) - 1] * 10) / 10 };
}

/** From the press of the mouse to the first row of something that only an engine knows. */
async function watchRows(page) {
  await page.evaluate(() => {
    globalThis.benchElapsed = undefined;
    const begin = () => {
      const began = performance.now();
      const look = () => {
        // The view Targets is no list of the engine's.
        const row = [...document.querySelectorAll('.sidebar .pane')].find(
          (pane) => !pane.querySelector('.pane-header')?.getAttribute('aria-label')?.startsWith('Targets ') && pane.querySelector('[role="treeitem"]'),
        );
        if (!row) return;
        observer.disconnect();
        globalThis.benchElapsed = performance.now() - began;
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { childList: true, subtree: true });
    };
    document.addEventListener('mousedown', begin, { capture: true, once: true });
  });
}

async function elapsed(page, what) {
  const handle = await page
    .waitForFunction(() => globalThis.benchElapsed, undefined, { timeout: 60_000, polling: 20 })
    .catch((error) => {
      throw new SetupError(`Waited for ${what} in vain.`, { cause: error });
    });
  return handle.jsonValue();
}

/** Containers and images of the workspace: enough to be rows, and nothing in them. */
class Things {
  made = 0;
  containers = [];
  images = [];

  constructor({ env, prefix }, project, base) {
    const id = createHash('sha256').update(realpathSync(project)).digest('hex').slice(0, 8);
    this.url = env.DOCKER_HOST;
    this.base = base;
    this.repository = `${prefix}-editor/greet-release`;
    this.labels = { 'io.pypackage.project': `greet-${id}`, 'io.pypackage.target': 'greet' };
  }

  addContainers = (count) => many(count, () => this.addContainer());
  addImages = (count) => many(count, () => this.addImage());

  async addContainer() {
    const name = `bench-${process.pid}-${++this.made}`;
    const body = JSON.stringify({ Image: this.base, Cmd: ['true'], Labels: { ...this.labels, 'io.pypackage.kind': 'service' } });
    const { Id } = await post(this.url, `/containers/create?name=${name}`, body);
    this.containers.push(Id);
    return { id: Id, text: name };
  }

  async addImage() {
    const tag = `try-${++this.made}`;
    const labels = { ...this.labels, 'io.pypackage.kind': 'release' };
    const changes = Object.entries(labels).map(([key, value]) => `changes=${encodeURIComponent(`LABEL ${key}="${value}"`)}`);
    const path = `/images/create?fromSrc=-&repo=${encodeURIComponent(this.repository)}&tag=${tag}&${changes.join('&')}`;
    const response = await request(this.url, 'POST', path, { body: oneFile(tag) });
    const id = /sha256:[0-9a-f]{64}/.exec(await text(response))?.[0];
    if (id === undefined) throw new SetupError('The engine did not take an image of the benchmark.');
    this.images.push(`${this.repository}:${tag}`);
    return { id, text: tag };
  }

  /** From the engine's own time of the event to the row; both clocks are this machine's. */
  async eventToRow(page, make) {
    const times = new Map();
    const end = await this.listen((event) => {
      const key = event.Type === 'image' ? (event.id ?? event.Actor.ID) : event.Actor.ID;
      if (!times.has(key)) times.set(key, event.timeNano / 1e6);
    });
    try {
      const next = this.made + 1;
      const expected = [`try-${next}`, `bench-${process.pid}-${next}`];
      await page.evaluate((texts) => {
        globalThis.benchSeen = undefined;
        const look = () => {
          const isThere = [...document.querySelectorAll('.sidebar [role="treeitem"]')].some((row) => texts.some((text) => row.textContent.includes(text)));
          if (!isThere) return;
          observer.disconnect();
          globalThis.benchSeen = Date.now();
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
      }, expected);
      const { id } = await make();
      const seen = await page
        .waitForFunction(() => globalThis.benchSeen, undefined, { timeout: 30_000, polling: 20 })
        .then((handle) => handle.jsonValue())
        .catch(() => undefined);
      const told = times.get(id);
      // No row within half a minute: that is what is told of it.
      if (seen === undefined || told === undefined) return 30_000;
      await sleep(300);
      return Math.max(0, seen - told);
    } finally {
      end();
    }
  }

  async listen(onEvent) {
    const { options } = connection(this.url);
    const response = await new Promise((resolve, reject) => http.get({ ...options, path: '/events', agent: false }, resolve).once('error', reject));
    let rest = '';
    response.setEncoding('utf8');
    response.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line.trim() !== '') onEvent(JSON.parse(line));
    });
    response.on('error', () => undefined);
    return () => response.destroy();
  }

  async remove() {
    await step('  Removing them', async () => {
      await many(this.containers.length, () => json(this.url, 'DELETE', `/containers/${this.containers.pop()}?force=1`));
      await many(this.images.length, () => json(this.url, 'DELETE', `/images/${this.images.pop()}?force=1`));
    });
  }
}

/** Names come and go: two events each. In the end the view has what the engine has, each once. */
async function measureBurst(lab, extension, project, things) {
  const file = join(lab.work, 'loop.json');
  const editor = await open({ ...lab, env: { ...lab.env, LOOP_MONITOR_FILE: file } }, extension, project);
  const { page } = editor;
  try {
    await page.locator('.activitybar').getByRole('tab', { name: 'PyPackage' }).click();
    const group = (count) => page.locator('.sidebar').getByRole('treeitem', { name: new RegExp(`^release, ${count}$`) });
    const listed = async () =>
      (await json(things.url, 'GET', `/images/json?filters=${encodeURIComponent(JSON.stringify({ reference: [things.repository] }))}`)).length;
    await group(await listed()).waitFor({ timeout: 60_000 });
    await sleep(SETTLED);
    writeFileSync(`${file}.on`, '');
    await sleep(500);
    const [image] = things.images;
    const began = performance.now();
    await many(EVENTS / 2, async (at) => {
      const tag = `burst-${at}`;
      await json(things.url, 'POST', `/images/${image}/tag?repo=${encodeURIComponent(things.repository)}&tag=${tag}`);
      await json(things.url, 'DELETE', `/images/${things.repository}:${tag}?noprune=1`);
    });
    const ms = performance.now() - began;
    const last = await things.addImage();
    await page
      .locator('.sidebar')
      .getByRole('treeitem', { name: new RegExp(`^${last.text}, `) })
      .waitFor({ timeout: 30_000 });
    rmSync(`${file}.on`);
    await until(() => existsSync(file), 10_000, 'the event loop of the host');
    const { p50, p99, max } = JSON.parse(readFileSync(file, 'utf8'));
    const names = await allRows(page);
    const wanted = things.images.map((name) => name.slice(name.lastIndexOf(':') + 1));
    const lost = wanted.filter((tag) => !names.some((name) => name.split(', ')[0] === tag)).length;
    const doubled = names.length - new Set(names).size;
    return { events: EVENTS, ms: Math.round(ms), p50, p99, max, lost, doubled, left: names.filter((name) => name.startsWith('burst-')).length };
  } finally {
    await editor.close();
  }
}

/** A list draws only what is seen: every row of the view Images, page by page. */
async function allRows(page) {
  const pane = page.locator('.sidebar .pane').filter({ has: page.locator('.pane-header[aria-label^="Images "]') });
  for (const header of await page.locator('.sidebar .pane-header').all()) {
    const isOpen = (await header.getAttribute('aria-expanded')) === 'true';
    if (isOpen !== ((await header.getAttribute('aria-label')) ?? '').startsWith('Images ')) await header.click();
  }
  const rows = pane.getByRole('treeitem');
  // A click on a row would close the group.
  await pane.locator('.monaco-list').focus();
  await page.keyboard.press('Home');
  const seen = new Map();
  for (let quiet = 0; quiet < 3;) {
    const before = seen.size;
    for (const [id, name] of await rows.evaluateAll((all) => all.map((row) => [row.id, row.getAttribute('aria-label')]))) seen.set(id, name);
    quiet = seen.size === before ? quiet + 1 : 0;
    await page.keyboard.press('PageDown');
    await sleep(120);
  }
  return [...seen.values()];
}

async function many(count, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

async function post(url, path, body) {
  const { options } = connection(url);
  const response = await new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = http.request({ ...options, method: 'POST', path, headers }, resolve);
    asked.once('error', reject);
    asked.end(body);
  });
  const answer = await text(response);
  if (response.statusCode >= 400) throw new SetupError(`The engine refused a container of the benchmark: ${answer}`);
  return JSON.parse(answer);
}

function oneFile(content) {
  const tar = pack();
  tar.entry({ name: 'try' }, content);
  tar.finalize();
  return tar;
}
