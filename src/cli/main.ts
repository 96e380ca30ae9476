/** The entry of the command line: the only module of it that touches the process. */
import { homedir } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { UserError } from '../core/errors.js';
import { runCli, tell } from './app.js';
import type { CliIo, SignalName } from './io.js';

const SIGNALS: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const io: CliIo = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  stdout: process.stdout,
  stderr: process.stderr,
  interactive: process.stdin.isTTY && process.stdout.isTTY,
  streams: () => ({ tty: process.stdin.isTTY && process.stdout.isTTY, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr }),
  ask,
  now: Date.now,
  onSignal(listener) {
    for (const signal of SIGNALS) process.on(signal, listener);
    return () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    };
  },
  onReaderGone(listener) {
    process.stdout.on('error', listener);
    return () => process.stdout.off('error', listener);
  },
  onExit(listener) {
    process.on('exit', listener);
    return () => process.off('exit', listener);
  },
  exit: (code) => process.exit(code),
  // Loaded only when a verb needs it, so that --help and --version start as fast as node does.
  loadCore: async () => {
    keepGarbageSmall();
    return (await import('../core/create-core.js')).createCore();
  },
};

/** Left alone, V8 lets garbage grow by 150 MB while a build floods, where 10 are in use. Only what is known to know these flags: others would complain. */
function keepGarbageSmall(): void {
  if (Number.parseInt(process.versions.node, 10) > 24) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--incremental-marking-soft-trigger=10');
}

async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  return await new Promise<string | undefined>((resolve) => {
    lines.once('close', () => resolve(undefined));
    // In a terminal readline takes Ctrl+C for itself.
    lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    lines.question(question, { signal }, resolve);
    signal.addEventListener('abort', () => lines.close(), { once: true });
  }).finally(() => lines.close());
}

/** Output that nobody reads any more (`| head`) is no fault; without a listener it would end in a stack trace. */
function isClosedPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write('', () => resolve());
  });
}

async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (isClosedPipe(error)) return;
      throw new UserError({
        kind: 'stage',
        code: 'output-failed',
        message: `The output cannot be written: ${error.message}`,
        fix: 'Free space where the output goes, or write it elsewhere',
      });
    });
  }
  // A fault outside every promise we wait for: told like any other. What it left on the engine goes with the next run.
  process.on('uncaughtException', (error) => process.exit(tell(io, error)));
  const code = await runCli(io);
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  process.exit(code);
}

void main();
