/** A pseudoterminal as the stream that the views of src/terminal/ draw on. Pure. */
import type { Output } from '../../terminal/style.js';

type Happening = 'resize' | 'drain' | 'close' | 'error';

export class TerminalOutput implements Output {
  readonly isTTY = true;
  columns: number | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly send: (text: string) => void) {}

  /** A terminal moves to the next line at `\n`, and to its start only at `\r`. */
  write(text: string): void {
    this.send(text.replace(/\r?\n/g, '\r\n'));
  }

  resize(columns: number): void {
    this.columns = columns;
    for (const listener of this.listeners) listener();
  }

  on(event: Happening, listener: () => void): void {
    if (event === 'resize') this.listeners.add(listener);
  }

  off(event: Happening, listener: () => void): void {
    if (event === 'resize') this.listeners.delete(listener);
  }
}
