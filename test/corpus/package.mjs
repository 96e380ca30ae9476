/** Packages a folder by the command line and says what came of it. */
import { execFile } from 'node:child_process';
import { json } from '../../scripts/setup/engine-client.mjs';

/**
 * @typedef {object} Outcome
 * @property {boolean} ok a release in which every top-level module of the application's wheel can be imported
 * @property {number} ms
 * @property {number} wheels the application's and those of its dependencies
 * @property {readonly string[]} system run-time packages that were found
 * @property {number} size of the image, bytes
 * @property {readonly string[]} modules that can be imported
 * @property {string} [reason] why it is not ok
 * @property {readonly string[]} began stages that began to make something
 */

/**
 * @param {{ root: string, base: string, cli: string, node: string, engine: string, namespace: string, env: object, signal?: AbortSignal }} wanted
 * @returns {Promise<Outcome>}
 */
export async function packageFolder({ root, base, cli, node, engine, namespace, env, signal }) {
  const started = performance.now();
  const words = [cli, 'all', '--json', '--project', root, '--base-image', base, '--namespace', namespace, '--engine', engine];
  const events = linesOf(await output(node, words, { env, signal })).map((line) => JSON.parse(line));
  const ms = performance.now() - started;
  const end = events.findLast((event) => event.type === 'run.finished');
  const began = events.filter((event) => event.type === 'stage.started').map((event) => event.stage);
  const wheels = events.filter((event) => event.type === 'artifact' && event.kind === 'wheel').length;
  const none = { ok: false, ms, wheels, system: [], size: 0, modules: [], began };
  if (end?.outcome !== 'done') return { ...none, reason: end?.error?.message ?? 'it ended without a word' };
  const image = await json(engine, 'GET', `/images/${end.release.image}:${end.release.tags[0]}/json`);
  const labels = image?.Config.Labels ?? {};
  const { ok, failed } = JSON.parse(labels['io.pypackage.imports'] ?? '{"ok":[],"failed":{}}');
  const reasons = Object.entries(failed).map(([module, reason]) => `${module}: ${reason}`);
  const dependencies = await wheelCount(engine, labels['io.pypackage.dependencies']);
  return {
    ...none,
    ok: reasons.length === 0 && ok.length > 0,
    wheels: 1 + dependencies,
    system: JSON.parse(labels['io.pypackage.system-packages'] ?? '[]').map((item) => item.package),
    size: end.release.size,
    modules: ok,
    ...(reasons.length > 0 ? { reason: reasons.join('; ') } : ok.length === 0 && { reason: 'its wheel holds no module' }),
  };
}

async function wheelCount(engine, fingerprint) {
  if (fingerprint === undefined) return 0;
  const filters = encodeURIComponent(JSON.stringify({ label: [`io.pypackage.fingerprint=${fingerprint}`] }));
  const [image] = await json(engine, 'GET', `/images/json?filters=${filters}`);
  return JSON.parse(image?.Labels['io.pypackage.facts'] ?? '{"packages":[]}').packages.length;
}

function output(command, words, { env, signal }) {
  // An exit code that is not 0 is an outcome, too: the events say which.
  return new Promise((resolve) => execFile(command, words, { env, signal, maxBuffer: 1024 ** 3 }, (_, stdout) => resolve(stdout)));
}

function linesOf(text) {
  return text.split('\n').filter((line) => line.startsWith('{'));
}
