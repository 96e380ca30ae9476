/** `start`, `stop`, `logs`, `run`: the release while it runs. */
import { formatElapsed } from '../../core/format.js';
import { harmless, shortened } from '../../core/harmless.js';
import { roomIn } from '../../core/pace.js';
import type { StatusDocument } from '../../core/request.js';
import { command, type Context, printDocument, printLines } from '../context.js';
import { mayMove } from '../../terminal/style.js';
import { LiveLine } from '../../terminal/live-line.js';
import { releaseName } from './status.js';

const TAIL_LINES = 20;
/** Characters of a line of the tail. */
const LONGEST_LINE = 2000;

export async function start(context: Context): Promise<number> {
  const { io, core, flags, request, style, signal } = context;
  if (flags.dryRun) return await wouldDo(context, ({ release }) => (release === undefined ? undefined : `Would start ${releaseName(release)}.`));
  const tail: string[] = [];
  let last = '';
  const began = io.now();
  const live =
    !flags.json && mayMove(io.env, io.stdout) ? new LiveLine(io.stdout, () => `  starting  ${formatElapsed(io.now() - began).padEnd(10)}${last}`) : undefined;
  context.atEnd(() => live?.close());
  live?.start();
  const onLine = (stream: 'stdout' | 'stderr', line: string): Promise<void> | undefined => {
    const short = shortened(line, LONGEST_LINE);
    last = harmless(short);
    tail.push(harmless(short, style.err.colour));
    if (tail.length > TAIL_LINES) tail.shift();
    if (flags.verbose && !flags.json) (live ?? { print: (text: string) => io.stdout.write(`${text}\n`) }).print(`  ${stream === 'stdout' ? '|' : '!'} ${last}`);
    live?.update();
    return roomIn(io.stdout);
  };
  try {
    const result = await core.start({ ...request, ...(flags.port !== undefined && { port: flags.port }) }, onLine, signal);
    live?.close();
    if (flags.json) {
      printDocument(io, { v: 1, ...result });
      return 0;
    }
    const what = `${result.alreadyRunning ? 'Already running' : 'Started'}: ${result.name} (${result.image})`;
    printLines(io, [what, ...(result.url === undefined ? [] : [style.out.bold(result.url)]), `Stop it with: ${command('stop', flags)}`]);
    return 0;
  } catch (error) {
    live?.close();
    if (!flags.json && !flags.verbose && !signal.aborted && tail.length > 0) io.stderr.write(`${tail.map((line) => `  | ${line}`.trimEnd()).join('\n')}\n\n`);
    throw error;
  }
}

export async function stop(context: Context): Promise<number> {
  const { io, core, flags, request, signal } = context;
  if (flags.dryRun) {
    return await wouldDo(context, ({ services }) => (services.length === 0 ? 'Nothing runs.' : `Would stop ${services.map(({ name }) => name).join(', ')}.`));
  }
  const stopped = await core.stop(request, signal);
  if (flags.json) printDocument(io, { v: 1, stopped });
  else printLines(io, [stopped.length === 0 ? 'Nothing was running.' : `Stopped ${stopped.join(', ')}.`]);
  return 0;
}

/** Both streams of the containers are the result here, so both go to standard output. */
export async function showLogs({ io, core, flags, request, style, signal }: Context): Promise<number> {
  const onLine = (stream: 'stdout' | 'stderr', line: string): Promise<void> | undefined => {
    if (flags.json) printDocument(io, { v: 1, stream, line });
    else printLines(io, [harmless(line, style.out.colour)]);
    return roomIn(io.stdout);
  };
  await core.logs({ ...request, follow: flags.follow, ...(flags.tail !== undefined && { tail: flags.tail }) }, onLine, signal);
  return 0;
}

export async function runCommand(context: Context, words: readonly string[]): Promise<number> {
  const { io, core, request, flags, signal } = context;
  if (flags.dryRun) {
    const what = words.length === 0 ? 'its own command' : words.join(' ');
    return await wouldDo(context, ({ release }) => (release === undefined ? undefined : `Would run in ${releaseName(release)}: ${what}`));
  }
  const streams = io.streams();
  // However the command ends, the terminal must not be left without echo.
  context.atEnd(() => streams.stdin.isTTY && streams.stdin.isRaw && streams.stdin.setRawMode(false));
  return await core.runCommand({ ...request, command: words }, streams, signal);
}

/** A dry run of what acts on the release; `tell` says undefined where there is none. */
async function wouldDo({ io, core, flags, request, signal }: Context, tell: (status: StatusDocument) => string | undefined): Promise<number> {
  const text = tell(await core.status(request, signal)) ?? `There is no release yet. Make one with: ${command('all', flags)}`;
  if (flags.json) printDocument(io, { v: 1, dryRun: true, text });
  else printLines(io, [text, 'This is a dry run: nothing was done.']);
  return 0;
}
