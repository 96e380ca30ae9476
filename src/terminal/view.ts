import type { RunEvent } from '../core/pipeline/events.js';

/** What shows a run while it works. */
export interface RunView {
  /** What it returns settles when there is room for more. */
  event(event: RunEvent): Promise<void> | undefined;
  /** The run was asked to stop. */
  cancelling(): void;
  /** Nothing comes any more; also called after a fault, any number of times. */
  close(): void;
}

export interface ViewOptions {
  /** The command that starts (`serves`) or runs what a run has made; undefined where the verb makes no release. */
  readonly next?: (serves: boolean) => string | undefined;
  /** The run was at work already: its beginning is not told. */
  readonly joined?: boolean;
  readonly verbose: boolean;
  /** How the log's path is shown. */
  readonly showPath: (path: string) => string;
}
