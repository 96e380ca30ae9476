// npm run corpus: packages well-known projects, each from its source distribution as it is, and writes docs/compatibility.md.
//   -- --only NAME,…   these only; the page keeps what it says of the others
//   -- --quick         those that are part of `npm test`
//   -- --keep          leave the images on the engine
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageFolder } from '../test/corpus/package.mjs';
import { PROJECTS } from '../test/corpus/projects.mjs';
import { page, readRows } from '../test/corpus/page.mjs';
import { unpackSdist } from '../test/corpus/sdist.mjs';
import { ensureBaseImage } from './setup/base-image.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { ensureNodeModules, node24, ROOT } from './setup/node-modules.mjs';
import { run } from './setup/processes.mjs';
import { say, SetupError, step } from './setup/say.mjs';
import { session } from './setup/session.mjs';

const PAGE = join(ROOT, 'docs', 'compatibility.md');
const NAMESPACE = 'pypackage-corpus';

await session(async ({ defer, signal }) => {
  const { only, quick, keep } = options();
  await ensureNodeModules();
  const engine = await ensureEngine({ signal });
  defer(engine.stop);
  // Each is asked for by its suite: the one that PYPACKAGE_BASE_IMAGE names is for the tests.
  delete process.env.PYPACKAGE_BASE_IMAGE;
  const newest = await standIn(engine.url, 'trixie', signal);
  const older = await standIn(engine.url, 'bookworm', signal);
  await step('Bundling', () => run('npm', ['run', 'build'], { cwd: ROOT, signal, explain: 'npm run build' }));
  const work = join(ROOT, '.cache', 'corpus', 'work');
  defer(() => rmSync(work, { recursive: true, force: true }));
  const env = { ...process.env, XDG_STATE_HOME: join(work, 'state') };
  const tools = {
    cli: join(ROOT, 'dist', 'cli.js'),
    node: existsSync(node24()) ? node24() : process.execPath,
    engine: engine.url,
    namespace: NAMESPACE,
    env,
    signal,
  };

  const wanted = PROJECTS.filter((project) => (only ? only.includes(project.name.toLowerCase()) : !quick || project.quick));
  if (only && wanted.length < only.length) throw new SetupError(`--only takes names of the table: ${PROJECTS.map((project) => project.name).join(', ')}`);
  const rows = existsSync(PAGE) ? readRows(readFileSync(PAGE, 'utf8')) : new Map();
  let failed = 0;
  for (const project of wanted) {
    mkdirSync(work, { recursive: true });
    const { root, requiresPython } = await unpackSdist(project, { cache: join(ROOT, '.cache', 'corpus', 'downloads'), folder: work, signal });
    if (project.config) writeFileSync(join(root, 'pypackage.json'), JSON.stringify(project.config));
    const before = isRefused(requiresPython, root) ? await packageFolder({ ...tools, root, base: older }) : undefined;
    const outcome = await packageFolder({ ...tools, root, base: newest });
    if (!outcome.ok) failed += 1;
    say(`${outcome.ok ? 'ok' : 'no'}  ${project.name} ${project.version}  ${(outcome.ms / 1000).toFixed(1)} s  ${outcome.reason ?? outcome.system.join(', ')}`);
    rows.set(project.name, { project, outcome, ...(before && !before.ok && { before }) });
    if (!keep)
      await run(tools.node, [tools.cli, 'clean', '--yes', '--project', root, '--namespace', NAMESPACE, '--engine', engine.url], { env }).catch(() => undefined);
    rmSync(root, { recursive: true, force: true });
  }
  writeFileSync(PAGE, page(PROJECTS, rows));
  await run(tools.node, [join(ROOT, 'node_modules', 'oxfmt', 'bin', 'oxfmt'), PAGE], { cwd: ROOT, signal }).catch(() => undefined);
  say(`${wanted.length - failed} of ${wanted.length} end with a release in which all can be imported. ${PAGE}`);
});

/** Whether one of the two Pythons may be wrong for it, or Rust too old: only then is there something to see on the older base. */
function isRefused(requiresPython, root) {
  const needed = /(?:>=|>|~=|==)\s*3\.(\d+)/.exec(requiresPython ?? '')?.[1];
  const bound = /<\s*3\.(\d+)/.exec(requiresPython ?? '')?.[1];
  return (needed !== undefined && Number(needed) > 11) || (bound !== undefined && Number(bound) <= 13) || existsSync(join(root, 'Cargo.toml'));
}

async function standIn(engineUrl, suite, signal) {
  const version = { bookworm: '3.11', trixie: '3.13' }[suite];
  process.env.PYPACKAGE_BASE_IMAGE = `pypackage-standin/python:${version}-${suite}`;
  try {
    return (await ensureBaseImage(engineUrl, { suite, signal })).reference;
  } finally {
    delete process.env.PYPACKAGE_BASE_IMAGE;
  }
}

function options() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, quick: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
  });
  return { ...values, only: values.only?.toLowerCase().split(',') };
}
