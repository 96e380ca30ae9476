/** What a container writes, as it writes it, over its restarts. */
import * as l10n from '@vscode/l10n';
import { type Event, EventEmitter, type Pseudoterminal } from 'vscode';
import { harmless } from '../../core/harmless.js';
import type { Call, OutputLine } from '../../protocol/worker.js';
import { styleOf } from '../../terminal/style.js';
import { toReport } from '../core-error.js';
import type { CoreCalls } from '../core-thread.js';
import { TerminalOutput } from './terminal-output.js';

const STYLE = styleOf(true);
const CTRL_C = '\u0003';
/** Lines of the past: a screen or two, and what led there. */
export const TAIL = 1000;

export interface LogTerminalParts {
  readonly core: CoreCalls;
  readonly call: Extract<Call, { readonly method: 'followLogs' | 'followContainer' }>;
  readonly onFailure: (error: unknown) => void;
}

export class LogTerminal implements Pseudoterminal {
  private readonly written = new EventEmitter<string>();
  private readonly closed = new EventEmitter<void>();
  private readonly abort = new AbortController();
  private readonly output = new TerminalOutput((text) => this.written.fire(text));
  readonly onDidWrite: Event<string> = this.written.event;
  readonly onDidClose: Event<void> = this.closed.event;

  constructor(private readonly parts: LogTerminalParts) {}

  open(): void {
    void this.follow();
  }

  close(): void {
    this.abort.abort();
  }

  handleInput(data: string): void {
    if (data.includes(CTRL_C)) this.closed.fire();
  }

  private async follow(): Promise<void> {
    const { core, call, onFailure } = this.parts;
    const write = (lines: readonly OutputLine[]): void => this.output.write(lines.map((line) => `${shown(line)}\n`).join(''));
    try {
      await core.call(call, { signal: this.abort.signal, onLines: write });
      // What it wrote stays to be read.
      write([{ stream: 'note', text: l10n.t('Nothing more comes. Ctrl+C closes the log.') }]);
    } catch (error) {
      if (toReport(error).kind === 'cancelled') return;
      this.closed.fire();
      onFailure(error);
    }
  }
}

function shown({ stream, text }: OutputLine): string {
  return stream === 'note' ? STYLE.dim(`— ${harmless(text)}`) : harmless(text, true);
}
