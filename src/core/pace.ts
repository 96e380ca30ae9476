/**
 * How whoever takes a stream's items slows down whoever makes them. A log file or a pipe that is full would otherwise be
 * waited for in our memory: a container can print faster than anything takes it.
 */

/** What a reader returns: nothing while it has room; else a promise that never rejects, and no more comes before it settles. */
export type Pace = void | Promise<void>;

/** A reader that may slow down what it reads, or one that never does: whatever that one returns means nothing. */
export type Paced<Item extends readonly unknown[]> = ((...item: Item) => void) | ((...item: Item) => Promise<void> | undefined);

export function isHeld(pace: Pace): pace is Promise<void> {
  return pace instanceof Promise;
}

/** The part of a writable stream that is used here. */
export interface Fillable {
  readonly writableNeedDrain?: boolean | undefined;
  on(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
  off(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
}

const ENDS = ['drain', 'close', 'error'] as const;
const waiting = new WeakMap<Fillable, Promise<void>>();

/** undefined while the stream has room; else what settles when it has room again, or takes nothing any more. */
export function roomIn(stream: Fillable): Promise<void> | undefined {
  if (stream.writableNeedDrain !== true) return undefined;
  const known = waiting.get(stream);
  if (known) return known;
  const made = new Promise<void>((resolve) => {
    const settle = (): void => {
      for (const event of ENDS) stream.off(event, settle);
      waiting.delete(stream);
      resolve();
    };
    for (const event of ENDS) stream.on(event, settle);
  });
  waiting.set(stream, made);
  return made;
}

/** Also settles when the signal is aborted: who gives up waits for no reader. */
export function unlessAborted(pace: Promise<void> | undefined, signal: AbortSignal): Promise<void> | undefined {
  if (!pace || signal.aborted) return undefined;
  return new Promise<void>((resolve) => {
    const settle = (): void => {
      signal.removeEventListener('abort', settle);
      resolve();
    };
    signal.addEventListener('abort', settle, { once: true });
    void pace.then(settle);
  });
}

/** One promise for all who ask while it is not settled: each line of a piece of output asks. */
export function onePace(ask: () => Promise<void> | undefined): () => Promise<void> | undefined {
  let waiting: Promise<void> | undefined;
  return () => (waiting ??= ask()?.then(() => (waiting = undefined)));
}
