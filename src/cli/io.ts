/** Everything that the command line takes from its process, so that tests can be the process. */
import type { Core } from '../core/core.js';
import type { TerminalStreams } from '../core/engine/engine.js';
import type { Environment, Output } from '../terminal/style.js';

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
export interface Streams extends TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface CliIo {
  /** What was typed after the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  readonly home: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Both ends are a person's terminal. */
  readonly interactive: boolean;
  /** The process's own streams, for a command that takes them over. */
  streams(): Streams;
  /** Asks a question and reads one line; undefined when the input ends first. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
  /** Milliseconds since 1970. */
  now(): number;
  onSignal(listener: (signal: SignalName) => void): () => void;
  /** Called when nobody reads standard output any more. */
  onReaderGone(listener: () => void): () => void;
  /** Called when the process ends, whatever ends it; the listener cannot wait for anything. */
  onExit(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
  loadCore(): Promise<Core>;
}
