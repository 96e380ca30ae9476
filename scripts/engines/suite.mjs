import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../setup/node-modules.mjs';
import { show } from '../setup/processes.mjs';
import { inNetworkOf } from './isolation.mjs';

export const RESULTS = join(ROOT, 'test-results', 'engines');

/** Runs the engine's tests and the release test in the network that the engine is in, as if that were this machine. */
export async function runSuite(engine, { node, env, signal, args }) {
  mkdirSync(RESULTS, { recursive: true });
  const report = join(RESULTS, `${engine.name}.json`);
  const release = join(RESULTS, `${engine.name}.release.json`);
  for (const file of [report, release]) rmSync(file, { force: true });
  const vitest = [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '-c', 'test/engines/vitest.config.ts'];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await show(...inNetworkOf(engine.pid, node, [...vitest, ...reporters, ...args]), {
    cwd: ROOT,
    env: {
      ...env,
      DOCKER_TLS_VERIFY: '',
      DOCKER_CONTEXT: '',
      PYPACKAGE_TEST_RELEASE: release,
      PYPACKAGE_TEST_SOCKET: engine.socket,
      ...engine.env,
      DOCKER_HOST: engine.url,
    },
    signal,
  });
  return { code, files: filesOf(report), release: existsSync(release) ? JSON.parse(readFileSync(release, 'utf8')) : undefined };
}

/** What remains of an engine for whoever looks into a failure. */
export function keepLog(engine, folder) {
  mkdirSync(RESULTS, { recursive: true });
  for (const log of ['log', 'ssh/log']) {
    if (existsSync(join(folder, log))) cpSync(join(folder, log), join(RESULTS, `${engine.name}.${log.replace('/', '-')}`));
  }
}

function filesOf(report) {
  const { testResults } = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { testResults: [] };
  return testResults.map(({ name, status, message, assertionResults: tests }) => {
    const failures = tests.filter((test) => test.status === 'failed').map(({ fullName }) => fullName);
    // A file that cannot even be loaded has no tests that could fail.
    if (status === 'failed' && failures.length === 0) failures.push(message || 'the file could not be loaded');
    return { name: basename(name, '.test.ts'), passed: tests.filter((test) => test.status === 'passed').length, failures };
  });
}
