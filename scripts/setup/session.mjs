import { constants } from 'node:os';
import { say, SetupError } from './say.mjs';

/**
 * Runs a script's work so that what it started always ends: after success, failure and Ctrl-C. `work` gets `defer`, to
 * register an ending (last registered, first called), and a signal that aborts on Ctrl-C. Its result is the exit code.
 */
export async function session(work) {
  const endings = [];
  const controller = new AbortController();
  let interrupted = 0;
  const onSignal = (name) => {
    interrupted = 128 + constants.signals[name];
    if (!controller.signal.aborted) say(`\n${name}: stopping what was started`);
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) process.on(name, onSignal);
  let code = 0;
  try {
    code = (await work({ defer: (ending) => endings.push(ending), signal: controller.signal })) ?? 0;
  } catch (error) {
    code = 1;
    if (!controller.signal.aborted) process.stderr.write(`\n${error instanceof SetupError ? error.message : (error?.stack ?? error)}\n`);
  }
  for (const ending of endings.toReversed()) {
    try {
      await ending();
    } catch (error) {
      process.stderr.write(`While stopping: ${error instanceof Error ? error.message : String(error)}\n`);
      code ||= 1;
    }
  }
  for (const name of signals) process.off(name, onSignal);
  process.exitCode = interrupted || code;
  return process.exitCode;
}
