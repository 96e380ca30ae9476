/** A shell or a command in a container: bytes both ways, the window's size, and the exit code. */
import * as l10n from '@vscode/l10n';
import { type Event, EventEmitter, type Pseudoterminal, type TerminalDimensions } from 'vscode';
import type { TerminalCall, TerminalSize } from '../../protocol/worker.js';
import { styleOf } from '../../terminal/style.js';
import type { TerminalInput } from '../core-client.js';
import { toReport } from '../core-error.js';
import type { CoreCalls } from '../core-thread.js';

/** Of a terminal that is not shown yet. */
const USUAL: TerminalSize = { columns: 80, rows: 24 };
const STYLE = styleOf(true);

export interface ShellTerminalParts {
  readonly core: CoreCalls;
  readonly call: (size: TerminalSize) => TerminalCall;
  /** Whether what was printed stays to be read until a key is pressed: of a command, whose end nobody asked for. */
  readonly stays: boolean;
  readonly onFailure: (error: unknown) => void;
}

export class ShellTerminal implements Pseudoterminal {
  private readonly written = new EventEmitter<string>();
  private readonly closed = new EventEmitter<number | void>();
  private readonly abort = new AbortController();
  private readonly decoder = new TextDecoder();
  private size = USUAL;
  private input: TerminalInput | undefined;
  /** What was typed before anybody listened. */
  private typed = '';
  private exitCode: number | undefined;
  readonly onDidWrite: Event<string> = this.written.event;
  readonly onDidClose: Event<number | void> = this.closed.event;

  constructor(private readonly parts: ShellTerminalParts) {}

  open(dimensions: TerminalDimensions | undefined): void {
    if (dimensions) this.setDimensions(dimensions);
    void this.converse();
  }

  /** The terminal is gone: so is what runs in it. */
  close(): void {
    this.abort.abort();
  }

  handleInput(data: string): void {
    if (this.exitCode !== undefined) this.closed.fire(this.exitCode);
    else if (this.input) this.input.type(data);
    else this.typed += data;
  }

  setDimensions({ columns, rows }: TerminalDimensions): void {
    // A panel that is being dragged shut has none.
    if (columns < 1 || rows < 1) return;
    this.size = { columns, rows };
    this.input?.resize(this.size);
  }

  private async converse(): Promise<void> {
    const { core, call, stays, onFailure } = this.parts;
    try {
      const code = await core.call(call(this.size), {
        signal: this.abort.signal,
        onBytes: (bytes) => this.written.fire(this.decoder.decode(bytes, { stream: true })),
        onOpen: (input) => {
          this.input = input;
          // The window may have come to its size while the thread was started.
          input.resize(this.size);
          if (this.typed !== '') input.type(this.typed);
          this.typed = '';
        },
      });
      if (!stays) return this.closed.fire(code);
      this.exitCode = code;
      this.written.fire(`\r\n${STYLE.dim(`— ${l10n.t('It ended with exit code {0}. Any key closes the terminal.', code)}`)}\r\n`);
    } catch (error) {
      this.closed.fire();
      if (toReport(error).kind !== 'cancelled') onFailure(error);
    }
  }
}
