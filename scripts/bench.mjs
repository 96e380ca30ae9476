// npm run bench: this pipeline against docker build, on this machine. Prints medians and whether the promises hold, and writes
// bench-results/TIME.json and, with --write, docs/benchmarks.md.
//   -- --cold N --rounds N   how often (3 and 7)
//   -- --write               also docs/benchmarks.md
//   -- --check               exit code 1 when a promise is missed
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { findDocker } from '../test/bench/docker-cli.mjs';
import { EditorHost } from '../test/bench/host.mjs';
import { makeLocks } from '../test/bench/locks.mjs';
import { peersOf, timed } from '../test/bench/peers.mjs';
import { markdown, table, targetLines, targetsOf } from '../test/bench/report.mjs';
import { summarize } from '../test/bench/statistics.mjs';
import { ensureBaseImage } from './setup/base-image.mjs';
import { describe, json } from './setup/engine-client.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { ensureNodeModules, node24, ROOT } from './setup/node-modules.mjs';
import { run } from './setup/processes.mjs';
import { say, seconds, SetupError, step } from './setup/say.mjs';
import { session } from './setup/session.mjs';

await session(async ({ defer, signal }) => {
  const { cold, rounds, write, check } = options();
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
  const docker = await findDocker(env);
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
  Object.assign(context, await step('Locking the dependencies for the peers that read locks (uv)', () => makeLocks({ ...context, base })));

  const peers = peersOf(context);
  const host = new EditorHost(context);
  defer(() => host.end());
  for (const peer of [...peers, host]) await peer.prepare();
  const times = Object.fromEntries([...peers, host].map(({ name }) => [name, { cold: [], noop: [], edit: [] }]));
  const nodeTimes = [];
  const measure = async (peer, scenario, work) => {
    if (signal.aborted) throw new SetupError('Stopped.');
    const ms = await work();
    times[peer.name][scenario].push(ms);
    say(`  ${peer.name.padEnd(16)}${scenario.padEnd(6)}${Math.round(ms).toLocaleString('en').padStart(9)} ms`);
  };

  let last;
  for (let at = 1; at <= cold; at++) {
    say(`From nothing, round ${at} of ${cold}`);
    last = { id: `${stamp}-${at}`, base: await freshBase(context, base, at) };
    for (const peer of rotated(peers, at)) await measure(peer, 'cold', () => peer.start(last));
  }
  say('The first release in the host is not counted: it finds what the command line has made');
  await host.start(last);
  const warm = [...peers, host];
  for (let at = 1; at <= rounds; at++) {
    say(`Round ${at} of ${rounds}`);
    nodeTimes.push((await timed(context.node, ['-e', '0'], { env })).ms);
    for (const peer of rotated(warm, at)) await measure(peer, 'noop', () => peer.again());
    for (const peer of rotated(warm, at)) await measure(peer, 'edit', () => peer.edit(at));
  }

  const results = Object.fromEntries(
    Object.entries(times).map(([name, scenarios]) => [
      name,
      Object.fromEntries(Object.entries(scenarios).flatMap(([scenario, values]) => (values.length === 0 ? [] : [[scenario, summarize(values)]]))),
    ]),
  );
  const document = {
    v: 1,
    date: new Date().toISOString(),
    environment: { ...(await environmentOf(engine.url, context, base)), load: `${load} before and ${loadavg()[0].toFixed(1)} after` },
    rounds: { cold, warm: rounds },
    peers: warm.map(({ name, title }) => ({ name, title })),
    results,
    nodeStart: summarize(nodeTimes),
  };
  document.targets = targetsOf(document);
  const file = join(ROOT, 'bench-results', `${stamp}.json`);
  mkdirSync(join(ROOT, 'bench-results'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  if (write) writeFileSync(join(ROOT, 'docs', 'benchmarks.md'), markdown(document));
  say(`\n${table(document)}\n`);
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
    return { ...values, cold: count('cold'), rounds: count('rounds') };
  } catch (error) {
    throw new SetupError(`${error.message}. The benchmark knows --cold N, --rounds N, --write and --check.`, { cause: error });
  }
}

/** A base image that nobody has seen: one more layer makes every cache miss, for everybody alike. */
async function freshBase(context, base, at) {
  const { docker, env, work, prefix } = context;
  const tag = `${prefix}/base:${at}`;
  const folder = join(work, 'fresh-base');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Dockerfile'), `FROM ${base}\nRUN echo ${prefix}-${at} > /etc/pypackage-bench\n`);
  await timed(docker.file, ['build', '-t', tag, folder], { env: { ...env, DOCKER_BUILDKIT: '1' } });
  return tag;
}

/** Each round begins with another peer, so that none always profits from what ran before it. */
function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

async function environmentOf(url, { docker, uvVersion, node }, base) {
  const { product, version } = await describe(url);
  const info = await json(url, 'GET', '/info');
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    engine: `${product} ${version}`,
    storage: info.Driver,
    client: `docker ${docker.version}`,
    builder: docker.builder,
    node: (await run(node, ['--version'])).trim().slice(1),
    uv: uvVersion,
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
