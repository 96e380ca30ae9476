// What a large log and a large context cost: memory of the editor's host and of the command line, and how late the host's event loop is.
import { fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, say } from '../../scripts/setup/say.mjs';
import { MB, writeFlood, writeLarge } from './flood-project.mjs';

/** Tells the peak of a process that is about to end, in KiB, as getrusage does. */
const TELL_PEAK = `data:text/javascript,import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(process.env.PEAK_FILE,String(process.resourceUsage().maxRSS)))`;

const LOG = 100;

export async function measureMemory(context, base) {
  const flood = join(context.work, 'sources', 'flood');
  const large = join(context.work, 'sources', 'large');
  const host = await hostFigures(context, base, { flood, large });
  const cli = await cliFigures(context, base, { flood, large });
  return { log: LOG * MB, context: 300 * MB, host, cli };
}

async function hostFigures(context, base, { flood, large }) {
  const child = fork(new URL('host-process.mjs', import.meta.url), [join(context.work, 'dist')], { env: context.env, execArgv: [], execPath: context.node });
  const ended = new Promise((_, reject) => child.once('exit', (code) => reject(new SetupError(`The process that stands for the host ended (${code})`))));
  ended.catch(() => undefined);
  const run = async (folder, what) => {
    child.send(callOf(context, base, folder));
    const figures = await Promise.race([new Promise((resolve) => child.once('message', resolve)), ended]);
    if (figures.answer.value?.outcome !== 'done') throw new SetupError(`In the host, ${what}: ${JSON.stringify(figures.answer)}`);
    say(`  host, ${what}: ${megabytes(figures.grown)} MB more, event loop ${figures.delay.p99.toFixed(1)} ms late (p99), ${Math.round(figures.ms)} ms`);
    return figures;
  };
  try {
    // What a process that has just begun takes for its first runs is no matter of size.
    for (const size of [0, 1]) {
      writeFlood(flood, size);
      await run(flood, `warming up with ${size} MB of log`);
    }
    writeFlood(flood, LOG);
    const log = await run(flood, `${LOG} MB of log`);
    writeLarge(large);
    const packed = await run(large, '300 MB of context');
    return { log: log.grown, context: packed.grown, delay: log.delay, lines: log.lines };
  } finally {
    child.kill();
  }
}

/** A process for each run, so what counts is how much higher the peak is than that of a small run. */
async function cliFigures(context, base, { flood, large }) {
  writeFlood(flood, 0);
  const small = await peakOf(context, base, flood);
  writeFlood(flood, LOG);
  const log = (await peakOf(context, base, flood)) - small;
  writeFlood(large, 0);
  const packed = (await peakOf(context, base, large)) - small;
  say(`  command line, ${megabytes(small)} MB at least: ${megabytes(log)} MB more for ${LOG} MB of log, ${megabytes(packed)} MB more for 300 MB of context`);
  return { small, log, context: packed };
}

/** Bytes. */
async function peakOf(context, base, folder) {
  const file = join(context.work, 'peak');
  const args = ['--import', TELL_PEAK, context.cli, 'wheels', '--project', folder, '--base-image', base, '--namespace', `${context.prefix}-memory`, '--json'];
  const child = spawn(context.node, args, { env: { ...context.env, PEAK_FILE: file }, stdio: ['ignore', 'pipe', 'inherit'], signal: context.signal });
  child.stdout.resume();
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new SetupError(`pypackage wheels ended with ${code}`);
  return Number(readFileSync(file, 'utf8')) * 1024;
}

function callOf({ prefix, work }, base, folder) {
  const params = {
    folder,
    baseImage: { reference: base, source: 'benchmark' },
    namespace: `${prefix}-memory`,
    logDir: join(work, 'logs'),
    stages: ['base', 'builder', 'wheels'],
    verb: 'wheels',
  };
  return { method: 'run', params };
}

export function megabytes(bytes) {
  return Math.round(bytes / MB);
}
