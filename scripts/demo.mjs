// npm run demo: packages the sample from nothing, starts it, looks at it over HTTP, and ends what it started.
//   -- --keep     leaves the release running
//   -- --editor   serves VS Code with the extension and a copy of the sample instead, until Ctrl-C
import { cpSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBaseImage } from './setup/base-image.mjs';
import { ensureCodeServer } from './setup/code-server.mjs';
import { serveEditor } from './setup/editor.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { ensureNodeModules, ROOT } from './setup/node-modules.mjs';
import { run, show } from './setup/processes.mjs';
import { say, seconds, SetupError, step } from './setup/say.mjs';
import { session } from './setup/session.mjs';

const SAMPLE = join(ROOT, 'examples', 'polls');
const CLI = join(ROOT, 'dist', 'cli.js');

await session(async ({ defer, signal }) => {
  const { keep, editor } = options();
  const began = Date.now();
  await ensureNodeModules();
  const engine = await ensureEngine({ signal });
  defer(async () => {
    if (keep && !signal.aborted && engine.started) say(`The container engine goes on running (process ${engine.pid}). End it with: kill ${engine.pid}`);
    else await engine.stop();
  });
  const base = await ensureBaseImage(engine.url, { signal });
  const env = { ...process.env, DOCKER_HOST: engine.url, PYPACKAGE_BASE_IMAGE: base.reference };
  if (editor) return await demoEditor(env, defer, signal);
  await step('Bundling the command line (npm run build)', () => run('npm', ['run', 'build'], { cwd: ROOT, signal, explain: 'npm run build' }));

  const pypackage = async (...words) => {
    // Stopping what runs is for the end, also after Ctrl-C.
    const until = words[0] === 'stop' ? undefined : signal;
    if (until?.aborted) throw new SetupError('Stopped.');
    say(`\n$ pypackage ${words.join(' ')}`);
    const code = await show(process.execPath, [CLI, words[0], '--project', SAMPLE, ...words.slice(1)], { cwd: ROOT, env, signal: until });
    if (code !== 0) throw new SetupError(`pypackage ${words[0]} ended with exit code ${code}: see above.`);
  };
  say(`\nThe sample is ${relative(process.cwd(), SAMPLE) || '.'}: a Django application without a Dockerfile and without configuration.`);
  await pypackage('all');
  await pypackage('run', 'python', '-m', 'django', 'migrate');
  if (!keep) defer(() => pypackage('stop'));
  await pypackage('start', '--port', '0');
  await pypackage('status');
  const url = await addressOf(env);
  say();
  const page = await get(url, signal);
  const asset = /\bhref="([^"]*\/static\/[^"]*\.[0-9a-f]{8,}\.css)"/.exec(page)?.[1];
  if (!page.includes('<h1>') || asset === undefined) throw new SetupError(`The front page is not the sample's:\n${page.slice(0, 500)}`);
  await get(new URL(asset, url).href, signal);
  say(`\nThe sample is packaged, runs and answers. ${seconds(began)} in all${base.standIn ? `, on a stand-in base image (${base.reference})` : ''}.`);
  if (keep)
    say(
      `It goes on running at ${url}. Stop it with: DOCKER_HOST=${engine.url} node ${relative(process.cwd(), CLI)} stop --project ${relative(process.cwd(), SAMPLE)}`,
    );
  else say('To leave it running: npm run demo -- --keep');
  return 0;
});

function options() {
  try {
    return parseArgs({ options: { keep: { type: 'boolean', default: false }, editor: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    throw new SetupError(`${error.message}. The demo knows --keep and --editor.`, { cause: error });
  }
}

async function addressOf(env) {
  const { services } = JSON.parse(await run(process.execPath, [CLI, 'status', '--json', '--project', SAMPLE], { cwd: ROOT, env, explain: 'pypackage status' }));
  const url = services.find((service) => service.url !== undefined)?.url;
  if (url === undefined) throw new SetupError('The started release has no address.');
  return url;
}

/** One request, said on a line of its own; gives back the body. */
async function get(url, signal) {
  const began = performance.now();
  const response = await fetch(url, { signal }).catch((error) => {
    throw new SetupError(`${url} does not answer: ${error.cause?.message ?? error.message}`, { cause: error });
  });
  const body = await response.text();
  say(`GET ${url}  ${response.status}  ${Buffer.byteLength(body)} bytes  ${Math.round(performance.now() - began)} ms  ${response.headers.get('content-type')}`);
  if (!response.ok) throw new SetupError(`${url} answered ${response.status}:\n${body.slice(0, 500)}`);
  return body;
}

async function demoEditor(env, defer, signal) {
  const cache = join(ROOT, '.cache');
  await step('Bundling and packaging the extension (npm run package)', () => run('npm', ['run', 'package'], { cwd: ROOT, signal, explain: 'npm run package' }));
  const editor = await ensureCodeServer(cache, { signal });
  const folder = join(cache, 'demo', 'polls');
  rmSync(folder, { recursive: true, force: true });
  cpSync(SAMPLE, folder, { recursive: true, filter: (file) => basename(file) !== 'target' });
  // A repository of its own: revisions in tags and labels are the copy's, not those of the repository around it.
  const git = (...words) =>
    run('git', ['-c', 'user.name=Demo', '-c', 'user.email=demo@example.invalid', ...words], { cwd: folder, explain: `git ${words[0]}` });
  for (const words of [
    ['init', '-q'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'The sample'],
  ])
    await git(...words);
  const server = await serveEditor({ ...editor, vsix: join(ROOT, 'dist', 'pypackage-docker.vsix'), folder, dataDir: join(cache, 'demo', 'editor'), env });
  defer(server.stop);
  say(`\nVS Code with the extension and a copy of the sample: ${server.url}`);
  say(`Password: ${server.password}`);
  say('The build button is in the status bar. Ctrl-C ends it.');
  await new Promise((resolve) => {
    // A pending promise alone does not keep Node alive.
    const alive = setInterval(() => {}, 60_000);
    signal.addEventListener('abort', () => resolve(clearInterval(alive)), { once: true });
  });
  return 0;
}
