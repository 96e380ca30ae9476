// npm test [-- vitest's arguments]: installs and starts what the tests need, says so, runs them, ends what it started.
// Without arguments everything: types, lint, format, and the suites unit, engine and editor. `--project NAME` limits what is set up.
//
// What the tests find in their environment:
//   DOCKER_HOST                                         the engine
//   PYPACKAGE_BASE_IMAGE, PYPACKAGE_TEST_BASE_IMAGE     a base image that it has
//   PYPACKAGE_VSIX                                      the packaged extension
//   PYPACKAGE_TEST_EDITOR                               "oldest" on the oldest VS Code (scripts/test-oldest.mjs)
// The editor's tests find code-server and Chromium with the same scripts that install them here.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { ensureBaseImage } from './setup/base-image.mjs';
import { ensureChromium } from './setup/chromium.mjs';
import { ensureCodeServer } from './setup/code-server.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { removeLeftovers } from './setup/leftovers.mjs';
import { ensureNodeModules, node24, ROOT } from './setup/node-modules.mjs';
import { run, show } from './setup/processes.mjs';
import { say, seconds, SetupError, step } from './setup/say.mjs';
import { ensureServers } from './setup/servers.mjs';
import { session } from './setup/session.mjs';

const SUITES = ['unit', 'engine', 'editor'];
const VSIX = join(ROOT, 'dist', 'pypackage-docker.vsix');
const AGE = process.env.PYPACKAGE_TEST_EDITOR === 'oldest' ? 'oldest' : 'newest';
const REPORT = join(ROOT, 'test-results', ...(AGE === 'oldest' ? ['oldest'] : []), 'vitest.json');

const args = process.argv.slice(2);
const began = Date.now();
await session(async ({ defer, signal }) => {
  const suites = suitesIn(args);
  await ensureNodeModules();
  const node = existsSync(node24()) ? node24() : process.execPath;
  const env = { ...process.env, PATH: dirname(node) + delimiter + (process.env.PATH ?? ''), VITE_CONFIG_NATIVE_IGNORE_WARNING: 'true' };
  if (suites.has('editor')) {
    await step('Bundling and packaging the extension', () => run('npm', ['run', 'package'], { cwd: ROOT, signal, explain: 'npm run package' }));
    env.PYPACKAGE_VSIX = VSIX;
    await ensureCodeServer(join(ROOT, '.cache'), { age: AGE, signal });
    await ensureChromium();
  } else if (suites.has('engine')) {
    await step('Bundling', () => run('npm', ['run', 'build'], { cwd: ROOT, signal, explain: 'npm run build' }));
  }
  if (suites.has('engine')) await ensureServers();
  if (suites.has('editor') || suites.has('engine')) {
    const engine = await ensureEngine({ signal });
    defer(engine.stop);
    env.DOCKER_HOST = engine.url;
    await removeLeftovers(engine.url);
    env.PYPACKAGE_BASE_IMAGE = env.PYPACKAGE_TEST_BASE_IMAGE = (await ensureBaseImage(engine.url, { signal })).reference;
  }
  const failedChecks = args.length === 0 ? await check(signal) : [];
  if (signal.aborted) return 1;
  say(`> Running the suites: ${[...suites].join(', ')}`);
  rmSync(REPORT, { force: true });
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const options = ['run', '-c', 'test/vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  // By name, as there is a suite of faults that takes an hour (scripts/test-faults.mjs).
  const projects = args.some((arg) => arg.startsWith('--project')) ? [] : [...suites].flatMap((suite) => ['--project', suite]);
  const code = await show(node, [vitest, ...options, ...projects, ...args], { cwd: ROOT, env, signal });
  defer(() => summarize(code, failedChecks));
  return code === 0 && failedChecks.length > 0 ? 1 : code;
});

/** Types, lint and format; gives back the names of those that failed, as all of them are worth knowing. */
async function check(signal) {
  const failed = [];
  for (const [name, ...options] of [['tsc', '-p', '.'], ['oxlint'], ['oxfmt', '--check']]) {
    if (signal.aborted) break;
    say(`> Checking with ${name}`);
    const code = await show(join(ROOT, 'node_modules', '.bin', name), options, { cwd: ROOT, signal });
    if (code !== 0) failed.push(name);
  }
  return failed;
}

/** The closing lines; the very last one is for programs that read it. */
function summarize(code, failedChecks) {
  const { passed, failed, skipped } = count();
  for (const name of skipped) say(`skipped: ${name}`);
  if (failedChecks.length > 0) say(`Checks that failed: ${failedChecks.join(', ')}`);
  if (code !== 0 && failed === 0) say(`vitest ended with ${code} although no test failed: its output above says why`);
  say(`Took ${seconds(began)}. Details: ${relative(ROOT, REPORT)}`);
  say(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
}

function count() {
  const report = existsSync(REPORT) ? JSON.parse(readFileSync(REPORT, 'utf8')) : { testResults: [] };
  const files = report.testResults;
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  // A file that cannot even be loaded has no tests that could fail.
  const broken = files.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'));
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + broken.length,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
  };
}

/** `--project NAME` and `--project=NAME`, as vitest takes them, any number of times. */
function suitesIn(list) {
  const named = list.flatMap((arg, at) => (arg === '--project' ? [list[at + 1]] : arg.startsWith('--project=') ? [arg.slice('--project='.length)] : []));
  const unknown = named.find((name) => !SUITES.includes(name));
  if (unknown !== undefined) throw new SetupError(`There is no suite ${unknown}: it is one of ${SUITES.join(', ')}`);
  return new Set(named.length > 0 ? named : SUITES);
}
