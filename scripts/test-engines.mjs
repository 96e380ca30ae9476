// npm run test:engines: the engine's tests and a release, on every engine that can be started here, one after the other.
//   -- --list          names them
//   -- --only NAME     some of them; may be repeated
//   -- -- WORDS        what follows is vitest's: -- --only ssh -- job.test.ts
// Each runs apart from this machine (scripts/engines/isolation.mjs), on a base image that is copied from this machine's own engine.
// What is downloaded or built stays in .cache/engines.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { carryImage } from './engines/carry.mjs';
import { ENGINES } from './engines/list.mjs';
import { engineTable, firstDifference, resultTable } from './engines/report.mjs';
import { keepLog, RESULTS, runSuite } from './engines/suite.mjs';
import { ensureTools } from './engines/tools.mjs';
import { ensureBaseImage } from './setup/base-image.mjs';
import { json } from './setup/engine-client.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { ensureNodeModules, node24, ROOT } from './setup/node-modules.mjs';
import { say, seconds, SetupError, step } from './setup/say.mjs';
import { session } from './setup/session.mjs';

const CACHE = join(ROOT, '.cache', 'engines');

const began = Date.now();
await session(async ({ defer, signal }) => {
  const { engines, list, args } = options();
  if (list) {
    for (const { name, title } of ENGINES) say(`${name.padEnd(15)} ${title}`);
    return 0;
  }
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new SetupError('Engines are started in namespaces of their own, which needs root on Linux.');
  await ensureNodeModules();
  await ensureTools(engines.map(({ name }) => name));
  const source = await ensureEngine({ signal });
  defer(source.stop);
  const base = (await ensureBaseImage(source.url, { signal })).reference;
  const node = existsSync(node24()) ? node24() : process.execPath;
  const env = {
    ...process.env,
    PATH: dirname(node) + delimiter + (process.env.PATH ?? ''),
    VITE_CONFIG_NATIVE_IGNORE_WARNING: 'true',
    PYPACKAGE_BASE_IMAGE: base,
    PYPACKAGE_TEST_BASE_IMAGE: base,
  };
  const outcomes = [];
  for (const engine of engines) {
    if (signal.aborted) return 1;
    say(`\n> ${engine.title} (${engine.name})`);
    outcomes.push(await testOn(engine, { source: source.url, base, node, env, args, signal }));
  }
  compare(outcomes);
  defer(() => summarize(outcomes));
  return outcomes.some(({ failed, code }) => failed > 0 || code > 0) || outcomes.every(({ passed }) => passed === 0) ? 1 : 0;
});

/** Starts an engine, runs the tests on it and ends it. */
async function testOn(engine, { source, base, node, env, args, signal }) {
  const { name, title } = engine;
  const folder = mkdtempSync(join(tmpdir(), 'pypackage-engine-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let running;
  try {
    running = await engine.start({ folder, cache: CACHE, signal });
    const local = `unix://${running.socket}`;
    const { Version: version, ApiVersion: api } = await json(local, 'GET', '/version');
    await step(`Started: ${version}, API ${api}. Copying ${base} there`, () => carryImage(source, local, base, signal));
    const { code, files, release } = await runSuite({ ...running, name, env: running.env ?? {} }, { node, env, signal, args });
    return { name, title, version, api, code, files, release, ...count(files) };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`  not started: ${error.message}`);
    return { name, title, why: error.message, files: [], code: 0, passed: 0, failed: 0 };
  } finally {
    await running?.stop();
    keepLog(engine, folder);
    remove();
  }
}

function count(files) {
  return { passed: files.reduce((sum, file) => sum + file.passed, 0), failed: files.reduce((sum, file) => sum + file.failures.length, 0) };
}

/** The same release from every engine: each is compared with the first one's. */
function compare(outcomes) {
  const [first, ...others] = outcomes.filter(({ release }) => release !== undefined);
  if (first && others.length > 0) first.isReference = true;
  for (const outcome of others) {
    outcome.difference = firstDifference(outcome.release, first.release, first.name);
    if (outcome.difference === '') outcome.passed++;
    else outcome.failed++;
  }
}

/** The closing lines; the very last one is for programs that read it. */
function summarize(outcomes) {
  for (const { name, files, difference } of outcomes) {
    for (const file of files) for (const failure of file.failures) say(`failed on ${name}: ${file.name}: ${failure}`);
    if (difference) say(`failed on ${name}: same release: ${difference}`);
  }
  for (const { name, why } of outcomes) if (why !== undefined) say(`not started: ${name}: ${why}`);
  say(`\n${engineTable(outcomes)}\n\n${resultTable(outcomes)}\n`);
  for (const { name, code, failed } of outcomes)
    if (code !== 0 && failed === 0) say(`vitest ended with ${code} on ${name} although no test failed: its output says why`);
  say(`Took ${seconds(began)}. Details and logs of the engines: ${relative(ROOT, RESULTS)}`);
  const sum = (key) => outcomes.reduce((all, outcome) => all + outcome[key], 0);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
}

function options() {
  const at = process.argv.indexOf('--', 2);
  const own = process.argv.slice(2, at < 0 ? undefined : at);
  let values;
  try {
    values = parseArgs({ args: own, options: { only: { type: 'string', multiple: true, default: [] }, list: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    throw new SetupError(`${error.message}. This knows --list and --only NAME.`, { cause: error });
  }
  const unknown = values.only.find((name) => !ENGINES.some((engine) => engine.name === name));
  if (unknown !== undefined) throw new SetupError(`There is no engine ${unknown}: it is one of ${ENGINES.map(({ name }) => name).join(', ')}`);
  const engines = values.only.length === 0 ? ENGINES : ENGINES.filter(({ name }) => values.only.includes(name));
  return { engines, list: values.list, args: at < 0 ? [] : process.argv.slice(at + 1) };
}
