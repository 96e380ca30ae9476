// npm run bench: this pipeline against docker build, on this machine. Prints medians and whether the promises hold, and writes
// bench-results/TIME.json and, with --write, docs/benchmarks.md.
//   -- --only speed|memory|editor|views   one part: how long it takes, what large logs and contexts cost, what the extension costs in a real editor,
//                            or how soon the views of the side bar show what is on the engine
//   -- --peer FILE           the VSIX of another extension, to compare the editor's figures with
//   -- --cold N --rounds N --tries N   how often (3 and 7; clicks and events 20)
//   -- --write               also docs/benchmarks.md
//   -- --check               exit code 1 when a promise is missed
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { findDocker } from '../test/bench/docker-cli.mjs';
import { checkPeer, measureEditor } from '../test/bench/editor.mjs';
import { measureMemory } from '../test/bench/memory.mjs';
import { editorTable, markdown, memoryTable, withEditor, withViews, table, targetLines, targetsOf, viewsTable } from '../test/bench/report.mjs';
import { measureSpeed } from '../test/bench/speed.mjs';
import { measureViews } from '../test/bench/views.mjs';
import { ensureBaseImage } from './setup/base-image.mjs';
import { describe, json } from './setup/engine-client.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { ensureNodeModules, node24, ROOT } from './setup/node-modules.mjs';
import { run } from './setup/processes.mjs';
import { say, seconds, SetupError, step } from './setup/say.mjs';
import { session } from './setup/session.mjs';

await session(async ({ defer, signal }) => {
  const { cold, rounds, tries, only, write, check, peer } = options();
  const wants = (part) => only === undefined || only === part;
  await ensureNodeModules();
  const engine = await ensureEngine({ signal });
  defer(engine.stop);
  if (!engine.url.startsWith('unix://')) throw new SetupError("The original's way mounts folders of this machine, so the benchmark needs an engine on it.");
  const base = (await ensureBaseImage(engine.url, { signal })).reference;
  await step('Bundling', () => run('npm', ['run', 'build'], { cwd: ROOT, signal, explain: 'npm run build' }));

  const load = loadavg()[0].toFixed(1);
  const stamp = new Date().toISOString().replace(/[-:]|\..*/g, '');
  const work = join(ROOT, '.cache', `bench-${stamp}`);
  mkdirSync(work, { recursive: true });
  defer(() => rmSync(work, { recursive: true, force: true }));
  // What is measured must not change while it is measured.
  cpSync(join(ROOT, 'dist'), join(work, 'dist'), { recursive: true });
  const env = { ...process.env, DOCKER_HOST: engine.url, XDG_STATE_HOME: join(work, 'state'), XDG_CACHE_HOME: join(work, 'cache') };
  delete env.PYPACKAGE_BASE_IMAGE;
  const docker = wants('speed') ? await findDocker(env) : undefined;
  const ca = [process.env.SSL_CERT_FILE, process.env.NODE_EXTRA_CA_CERTS].find((file) => file && existsSync(file));
  const context = {
    docker,
    env,
    ca,
    work,
    sample: join(ROOT, 'examples', 'polls'),
    prefix: `pypackage-bench-${stamp.toLowerCase()}`,
    node: existsSync(node24()) ? node24() : process.execPath,
    cli: join(work, 'dist', 'cli.js'),
    worker: join(work, 'dist', 'worker.js'),
    signal,
    images: new Map(),
    volumes: new Set(),
  };
  defer(() => cleanUp(engine.url, context));
  // First, while the machine is as quiet as it will be.
  const editor = wants('editor')
    ? await step('The extension in a real editor', () => measureEditor(context, base, { rounds: Math.min(rounds, 5), peer }))
    : undefined;
  const views = wants('views') ? await step('The views of the side bar', () => measureViews(context, base, { tries, peer })) : undefined;
  const speed = wants('speed') ? await measureSpeed(context, { base, stamp, cold, rounds, defer }) : undefined;
  const memory = wants('memory') ? await step('Large logs and large contexts', () => measureMemory(context, base)) : undefined;

  const document = {
    v: 1,
    date: new Date().toISOString(),
    environment: { ...(await environmentOf(engine.url, context, base)), load: `${load} before and ${loadavg()[0].toFixed(1)} after` },
    ...speed,
    ...(memory && { memory }),
    ...(editor && { editor }),
    ...(views && { views }),
  };
  document.targets = targetsOf(document);
  const file = join(ROOT, 'bench-results', `${stamp}.json`);
  mkdirSync(join(ROOT, 'bench-results'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  const page = join(ROOT, 'docs', 'benchmarks.md');
  // The editor's parts stand by themselves, with their own dates and loads, so that they can be renewed alone.
  if (write) {
    const begun = only === 'editor' || only === 'views' ? readFileSync(page, 'utf8') : markdown(document);
    const edited = editor ? withEditor(begun, document) : begun;
    writeFileSync(page, views ? withViews(edited, document) : edited);
  }
  if (speed) say(`\n${table(document)}`);
  if (memory) say(`\n${memoryTable(document)}`);
  if (editor) say(`\n${editorTable(document)}`);
  if (views) say(`\n${viewsTable(document)}`);
  say();
  for (const line of targetLines(document.targets)) say(line);
  say(
    `\n${Object.entries(document.environment)
      .map(([name, value]) => `${name}: ${value}`)
      .join(' · ')}`,
  );
  say(`All values: ${relative(process.cwd(), file)}`);
  return check && document.targets.some(({ met }) => !met) ? 1 : 0;
});

function options() {
  const known = {
    cold: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '7' },
    tries: { type: 'string', default: '20' },
    only: { type: 'string' },
    peer: { type: 'string' },
    write: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  };
  try {
    const { values } = parseArgs({ options: known });
    const count = (name) => {
      const value = Number(values[name]);
      if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1`);
      return value;
    };
    if (!['speed', 'memory', 'editor', 'views', undefined].includes(values.only)) throw new Error('--only takes speed, memory, editor or views');
    const isOfEditor = values.only === 'editor' || values.only === 'views';
    if (values.only && !isOfEditor && values.write) throw new Error("--write takes all parts, or one of the editor's: the page tells the others together");
    if (values.peer !== undefined && values.only !== undefined && !isOfEditor) throw new Error('--peer is for the parts editor and views');
    // Told now, and not after the hour that comes before it.
    if (values.peer !== undefined) checkPeer(values.peer);
    return { ...values, cold: count('cold'), rounds: count('rounds'), tries: count('tries') };
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(`${error.message}. The benchmark knows --only PART, --peer FILE, --cold N, --rounds N, --tries N, --write and --check.`, {
      cause: error,
    });
  }
}

async function environmentOf(url, { docker, uvVersion, node }, base) {
  const { product, version } = await describe(url);
  const info = await json(url, 'GET', '/info');
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    engine: `${product} ${version}`,
    storage: info.Driver,
    ...(docker && { client: `docker ${docker.version}`, builder: docker.builder }),
    node: (await run(node, ['--version'])).trim().slice(1),
    ...(uvVersion && { uv: uvVersion }),
    base,
  };
}

/** Removes what the benchmark has made: its names, its volumes, and the caches that belong to its own builder images. BuildKit's cache is left to its own garbage collection. */
async function cleanUp(url, { prefix, volumes, images }) {
  const began = Date.now();
  for (const image of (await json(url, 'GET', '/images/json')) ?? []) {
    for (const tag of image.RepoTags ?? []) {
      if (tag.startsWith(prefix)) await json(url, 'DELETE', `/images/${tag}?force=true`);
    }
  }
  const builders = [...images.keys()].flatMap((name) => /-builder:([0-9a-f]{12})$/.exec(name)?.[1] ?? []);
  const { Volumes } = await json(url, 'GET', `/volumes?filters=${encodeURIComponent(JSON.stringify({ label: ['io.pypackage.kind=cache'] }))}`);
  for (const { Name, Labels } of Volumes ?? []) {
    if (builders.some((fingerprint) => Labels?.['io.pypackage.fingerprint']?.startsWith(fingerprint))) volumes.add(Name);
  }
  for (const volume of volumes) {
    // A container that was stopped half-way may still be on its way out.
    const filters = encodeURIComponent(JSON.stringify({ volume: [volume] }));
    for (const { Id } of await json(url, 'GET', `/containers/json?all=1&filters=${filters}`)) await json(url, 'DELETE', `/containers/${Id}?force=true`);
    await json(url, 'DELETE', `/volumes/${volume}?force=true`);
  }
  say(`Removed the benchmark's images and volumes (${seconds(began)})`);
}
