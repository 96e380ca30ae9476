// How long each way takes from sources to a release, in rounds in which all take turns.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, say, step } from '../../scripts/setup/say.mjs';
import { EditorHost } from './host.mjs';
import { makeLocks } from './locks.mjs';
import { peersOf, timed } from './peers.mjs';
import { summarize } from './statistics.mjs';

/** `{ peers, results, nodeStart, rounds }`; `context` learns what the locks were made with. */
export async function measureSpeed(context, { base, stamp, cold, rounds, defer }) {
  const { env, signal } = context;
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
  return { rounds: { cold, warm: rounds }, peers: warm.map(({ name, title }) => ({ name, title })), results, nodeStart: summarize(nodeTimes) };
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
