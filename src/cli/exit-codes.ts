import type { SignalName } from './io.js';

const SIGNAL_CODES: Readonly<Record<SignalName, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
/** What a shell reports for a program that a closed pipe ended (128 + SIGPIPE). */
export const READER_GONE = 141;
/** `run` could not run the command; as `docker run` says it. */
export const COULD_NOT_RUN = 125;

export function exitCodeOfSignal(signal: SignalName): number {
  return SIGNAL_CODES[signal];
}
