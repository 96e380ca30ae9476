// npm run test:faults: the command line killed at 50 moments and cancelled at 50 more, on Docker and on Podman, and other faults.
//   -- --engine NAME   docker (this machine's), podman, or one that test:engines knows; may be repeated (docker and podman)
//   -- --moments N     how many of each kind (50)
//   -- --seed S        places the moments; the seed of each run is printed
// With an engine or a number only the moments are tried, without the other situations (test/faults/situations).
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { carryImage } from './engines/carry.mjs';
import { ENGINES } from './engines/list.mjs';
import { ensureTools } from './engines/tools.mjs';
import { ensureBaseImage } from './setup/base-image.mjs';
import { describe } from './setup/engine-client.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { ensureNodeModules, node24, ROOT } from './setup/node-modules.mjs';
import { run, show } from './setup/processes.mjs';
import { say, seconds, SetupError, step } from './setup/say.mjs';
import { session } from './setup/session.mjs';

const RESULTS = join(ROOT, 'test-results', 'faults');
const SITUATIONS = 'test/faults/situations';
const PARTS = ['start', 'base', 'builder', 'wheels', 'release', 'end'];

const began = Date.now();
await session(async ({ defer, signal }) => {
  const { engines, moments, seed, isLimited } = options();
  await ensureNodeModules();
  const docker = await ensureEngine({ signal });
  defer(docker.stop);
  const base = (await ensureBaseImage(docker.url, { signal })).reference;
  await step('Bundling', () => run('npm', ['run', 'build'], { cwd: ROOT, signal, explain: 'npm run build' }));
  const folder = mkdtempSync(join(tmpdir(), 'pypackage-faults-'));
  defer(() => rmSync(folder, { recursive: true, force: true }));
  // What is tried must not change while it is tried.
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  const node = existsSync(node24()) ? node24() : process.execPath;
  const env = {
    ...process.env,
    PATH: dirname(node) + delimiter + (process.env.PATH ?? ''),
    VITE_CONFIG_NATIVE_IGNORE_WARNING: 'true',
    DOCKER_HOST: docker.url,
    DOCKER_CONTEXT: '',
    PYPACKAGE_BASE_IMAGE: base,
    PYPACKAGE_TEST_BASE_IMAGE: base,
    PYPACKAGE_TEST_CLI: join(folder, 'dist', 'cli.js'),
    PYPACKAGE_FAULTS_MOMENTS: String(moments),
    PYPACKAGE_FAULTS_SEED: String(seed),
  };
  say(`Seed: ${seed}`);
  const outcomes = [];
  defer(() => summarize(outcomes, seed));
  for (const name of engines) {
    if (signal.aborted) return 1;
    outcomes.push(await onEngine(name, { docker: docker.url, base, node, env, signal }));
  }
  if (!isLimited && existsSync(join(ROOT, SITUATIONS)) && !signal.aborted) {
    say('\n> Other situations');
    outcomes.push(await vitest('situations', SITUATIONS, { node, env, signal }));
  }
  return outcomes.some(({ failed, code }) => failed > 0 || code > 0) || outcomes.every(({ passed }) => passed === 0) ? 1 : 0;
});

/** The moments on one engine. One that cannot be started here is said, and is no failure. */
async function onEngine(name, { docker, base, node, env, signal }) {
  if (name === 'docker') {
    const { product, version } = await describe(docker);
    return tryMoments(name, `${product} ${version}`, { node, env, signal });
  }
  // Short, as paths of Podman's sockets begin with it: a longer one, and every attachment ends at once (unix(7): 108 characters).
  const folder = mkdtempSync(join(tmpdir(), 'pypackage-engine-'));
  let running;
  try {
    running = await started(name, folder, signal);
    const { product, version } = await describe(running.url);
    await step(`Started ${product} ${version}. Copying ${base} there`, () => carryImage(docker, running.url, base, signal));
    return await tryMoments(name, `${product} ${version}`, { node, env: { ...env, ...running.env, DOCKER_HOST: running.url }, signal });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`  not started: ${error.message}`);
    return { name, why: error.message, passed: 0, failed: 0, failures: [], code: 0 };
  } finally {
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function started(name, folder, signal) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new SetupError('Engines are started in namespaces of their own, which needs root on Linux.');
  await ensureTools([name === 'podman' ? 'podman-4' : name]);
  const problems = [];
  for (const engine of ENGINES.filter((known) => known.name === name || (name === 'podman' && known.name.startsWith('podman-')))) {
    try {
      return await engine.start({ folder, cache: join(ROOT, '.cache', 'engines'), signal });
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      problems.push(error.message);
    }
  }
  throw new SetupError(problems.join('\n'));
}

async function tryMoments(name, title, { node, env, signal }) {
  say(`\n> ${title}: killed at ${env.PYPACKAGE_FAULTS_MOMENTS} moments, and cancelled at as many`);
  const report = join(RESULTS, `${name}.moments.json`);
  rmSync(report, { force: true });
  const since = Date.now();
  const outcome = await vitest(name, 'test/faults/moments', { node, env: { ...env, PYPACKAGE_FAULTS_REPORT: report }, signal });
  return { ...outcome, title, took: seconds(since), moments: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined };
}

async function vitest(name, filter, { node, env, signal }) {
  mkdirSync(RESULTS, { recursive: true });
  const report = join(RESULTS, `${name}.json`);
  rmSync(report, { force: true });
  const words = [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '-c', 'test/vitest.config.ts', '--project', 'faults', filter];
  const code = await show(node, [...words, '--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`], { cwd: ROOT, env, signal });
  const { testResults } = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { testResults: [] };
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const broken = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'));
  const failures = [...tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName), ...broken.map(({ message }) => message)];
  return { name, code, failures, passed: tests.filter(({ status }) => status === 'passed').length, failed: failures.length };
}

/** The closing lines; the very last one is for programs that read it. */
function summarize(outcomes, seed) {
  for (const { name, failures } of outcomes) for (const failure of failures) say(`failed on ${name}: ${failure}`);
  for (const { name, why } of outcomes) if (why !== undefined) say(`not started: ${name}: ${why}`);
  for (const { name, code, failed } of outcomes)
    if (code !== 0 && failed === 0) say(`vitest ended with ${code} on ${name} although no test failed: its output above says why`);
  for (const outcome of outcomes) if (outcome.moments) say(`\n${table(outcome)}`);
  say(`\nSeed: ${seed}. Took ${seconds(began)}. Details: ${relative(ROOT, RESULTS)}`);
  const sum = (key) => outcomes.reduce((all, outcome) => all + outcome[key], 0);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
}

/** Part of a run × how it was ended, with the time that the part takes in a run that nobody ends. */
function table({ title, took, moments: { timeline, hits, cancels, late } }) {
  const row = (...cells) => cells.map((cell, i) => (i === 0 ? String(cell).padEnd(10) : String(cell).padStart(11))).join('');
  const sorted = [...cancels].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return [
    `${title}, ${took}`,
    row('', 'takes', 'killed', 'cancelled'),
    ...PARTS.map((part) => row(part, `${Math.round(timeline[part])} ms`, hits.killed[part] ?? 0, hits.cancelled[part] ?? 0)),
    ...(late > 0 ? [`${late} came to their end before their moment`] : []),
    ...(sorted.length > 0 ? [`From Ctrl+C to the end of the process: ${middle} ms in the middle, ${sorted.at(-1)} ms at most`] : []),
  ].join('\n');
}

function options() {
  const known = { engine: { type: 'string', multiple: true }, moments: { type: 'string' }, seed: { type: 'string' } };
  let values;
  try {
    values = parseArgs({ options: known }).values;
  } catch (error) {
    throw new SetupError(`${error.message}. This knows --engine NAME, --moments N and --seed S.`, { cause: error });
  }
  const number = (name, otherwise) => {
    const value = values[name] === undefined ? otherwise : Number(values[name]);
    if (!Number.isInteger(value) || value < 1) throw new SetupError(`--${name} takes a whole number from 1`);
    return value;
  };
  const names = ['docker', 'podman', ...ENGINES.map(({ name }) => name)];
  const unknown = values.engine?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new SetupError(`There is no engine ${unknown}: it is one of ${names.join(', ')}`);
  return {
    engines: values.engine ?? ['docker', 'podman'],
    moments: number('moments', 50),
    seed: number('seed', randomInt(1, 2 ** 31)),
    isLimited: values.engine !== undefined || values.moments !== undefined,
  };
}
