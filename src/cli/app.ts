/** One call of the command line, from what was typed to its exit code. */
import { exitCodeOf, FRONT_END_ENDS, reportOf } from '../core/errors.js';
import { VERSION } from '../core/version.js';
import { type Invocation, intentOf, parseArguments } from './arguments.js';
import { cleanUp } from './commands/clean.js';
import { showDoctor } from './commands/doctor.js';
import { fix } from './commands/fix.js';
import { serveAssistants } from './commands/mcp.js';
import { runStages } from './commands/run-stages.js';
import { runCommand, showLogs, start, stop } from './commands/services.js';
import { showStatus } from './commands/status.js';
import { type Context, printDocument, requestOf, styles } from './context.js';
import { COULD_NOT_RUN, exitCodeOfSignal, READER_GONE } from './exit-codes.js';
import { generalHelp, verbHelp } from './help.js';
import type { CliIo, SignalName } from './io.js';
import { errorBlock } from '../terminal/wording.js';

type Working = Exclude<Invocation, { verb: 'help' | 'version' }>;

export async function runCli(io: CliIo): Promise<number> {
  try {
    const invocation = parseArguments(io.argv);
    switch (invocation.verb) {
      case 'help':
        io.stdout.write(invocation.topic === undefined ? generalHelp() : verbHelp(invocation.topic));
        return 0;
      case 'version':
        if (invocation.flags.json) printDocument(io, { v: 1, version: VERSION });
        else io.stdout.write(`pypackage ${VERSION}\n`);
        return 0;
      case 'all':
      case 'image':
      case 'wheels':
      case 'release':
      case 'lock':
      case 'start':
      case 'stop':
      case 'logs':
      case 'run':
      case 'status':
      case 'clean':
      case 'doctor':
      case 'fix':
      case 'mcp':
        return await work(io, invocation);
    }
  } catch (error) {
    return tell(io, error);
  }
}

/** Prints why a call cannot go on, and returns its exit code; also for what is thrown where nobody catches. */
export function tell(io: Pick<CliIo, 'argv' | 'env' | 'stdout' | 'stderr'>, error: unknown): number {
  const { json, verbose, isRun } = intentOf(io.argv);
  const report = reportOf(error);
  const { detail, ...forEverybody } = report;
  if (json) io.stdout.write(`${JSON.stringify({ v: 1, error: verbose && detail !== undefined ? report : forEverybody })}\n`);
  else io.stderr.write(`${errorBlock(report, styles(io).err, { detail: verbose && report.kind === 'defect' })}\n`);
  return isRun ? COULD_NOT_RUN : exitCodeOf(report);
}

/** Runs a verb that needs the core, under the signals that can end it. */
async function work(io: CliIo, invocation: Working): Promise<number> {
  const abort = new AbortController();
  const restores: (() => unknown)[] = [];
  const cancelListeners = new Set<() => void>();
  let received: SignalName | undefined;
  let isReaderGone = false;
  const restore = (): void => {
    for (const each of restores.splice(0)) each();
  };

  const stopSignals = io.onSignal((name) => {
    if (received !== undefined) {
      io.exit(exitCodeOfSignal(name));
      return;
    }
    received = name;
    // Ctrl+C is a person's; the others say that the terminal goes, or the machine.
    abort.abort(name === 'SIGINT' ? undefined : FRONT_END_ENDS);
    for (const listener of cancelListeners) listener();
  });
  const stopReader = io.onReaderGone(() => {
    isReaderGone = true;
    abort.abort();
  });

  const stopExit = io.onExit(restore);

  let core: Context['core'] | undefined;
  try {
    core = await io.loadCore();
    const { flags } = invocation;
    const code = await perform(invocation, {
      io,
      core,
      flags,
      request: requestOf(flags, io),
      style: styles(io),
      signal: abort.signal,
      isReaderGone: () => isReaderGone,
      onCancelling(listener) {
        cancelListeners.add(listener);
        return () => cancelListeners.delete(listener);
      },
      atEnd: (each) => restores.push(each),
    });
    return ended(code);
  } catch (error) {
    // What fails because it was asked to stop has not failed, and cancelling shows nothing.
    if (!abort.signal.aborted) throw error;
    return ended(exitCodeOf({ kind: 'cancelled' }));
  } finally {
    restore();
    stopSignals();
    stopReader();
    stopExit();
    core?.close();
  }

  function ended(code: number): number {
    if (received !== undefined) return exitCodeOfSignal(received);
    return isReaderGone ? READER_GONE : code;
  }
}

async function perform(invocation: Working, context: Context): Promise<number> {
  switch (invocation.verb) {
    case 'all':
    case 'release':
      return await runStages(context, invocation.verb);
    case 'wheels':
      return await runStages(context, invocation.verb, invocation.command === undefined ? {} : { buildCommand: invocation.command });
    case 'image':
      return await runStages(context, invocation.verb, invocation.image === undefined ? {} : { image: invocation.image });
    case 'lock':
      return await runStages(context, invocation.verb, invocation.upgrade === undefined ? {} : { upgrade: invocation.upgrade });
    case 'start':
      return await start(context);
    case 'stop':
      return await stop(context);
    case 'logs':
      return await showLogs(context);
    case 'run':
      return await runCommand(context, invocation.command);
    case 'status':
      return await showStatus(context);
    case 'clean':
      return await cleanUp(context);
    case 'doctor':
      return await showDoctor(context);
    case 'fix':
      return await fix(context);
    case 'mcp':
      return await serveAssistants(context);
  }
}
