/** A shell in a container: bytes both ways, the window's size, and the shell's exit code. */
import { type Event, EventEmitter, type Pseudoterminal, type TerminalDimensions } from 'vscode';
import type { TerminalSize, WorkerRequest } from '../../protocol/worker.js';
import type { TerminalInput } from '../core-client.js';
import { toReport } from '../core-error.js';
import type { CoreCalls } from '../core-thread.js';

/** Of a terminal that is not shown yet. */
const USUAL: TerminalSize = { columns: 80, rows: 24 };

export class ShellTerminal implements Pseudoterminal {
  private readonly written = new EventEmitter<string>();
  private readonly closed = new EventEmitter<number | void>();
  private readonly abort = new AbortController();
  private readonly decoder = new TextDecoder();
  private size = USUAL;
  private input: TerminalInput | undefined;
  /** What was typed before anybody listened. */
  private typed = '';
  readonly onDidWrite: Event<string> = this.written.event;
  readonly onDidClose: Event<number | void> = this.closed.event;

  constructor(
    private readonly core: CoreCalls,
    private readonly request: WorkerRequest,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  open(dimensions: TerminalDimensions | undefined): void {
    if (dimensions) this.setDimensions(dimensions);
    void this.converse();
  }

  /** The terminal is gone: so is what runs in it. */
  close(): void {
    this.abort.abort();
  }

  handleInput(data: string): void {
    if (this.input) this.input.type(data);
    else this.typed += data;
  }

  setDimensions({ columns, rows }: TerminalDimensions): void {
    // A panel that is being dragged shut has none.
    if (columns < 1 || rows < 1) return;
    this.size = { columns, rows };
    this.input?.resize(this.size);
  }

  private async converse(): Promise<void> {
    try {
      const code = await this.core.call(
        { method: 'shell', params: { ...this.request, ...this.size } },
        {
          signal: this.abort.signal,
          onBytes: (bytes) => this.written.fire(this.decoder.decode(bytes, { stream: true })),
          onOpen: (input) => {
            this.input = input;
            // The window may have come to its size while the thread was started.
            input.resize(this.size);
            if (this.typed !== '') input.type(this.typed);
            this.typed = '';
          },
        },
      );
      this.closed.fire(code);
    } catch (error) {
      this.closed.fire();
      if (toReport(error).kind !== 'cancelled') this.onFailure(error);
    }
  }
}
