/** What a release writes, as it writes it, over its restarts. */
import { type Event, EventEmitter, type Pseudoterminal } from 'vscode';
import { harmless } from '../../core/harmless.js';
import type { OutputLine, WorkerRequest } from '../../protocol/worker.js';
import { styleOf } from '../../terminal/style.js';
import { toReport } from '../core-error.js';
import type { CoreCalls } from '../core-thread.js';
import { TerminalOutput } from './terminal-output.js';

const STYLE = styleOf(true);
const CTRL_C = '\u0003';
/** Lines of the past: a screen or two, and what led there. */
const TAIL = 1000;

export class LogTerminal implements Pseudoterminal {
  private readonly written = new EventEmitter<string>();
  private readonly closed = new EventEmitter<void>();
  private readonly abort = new AbortController();
  private readonly output = new TerminalOutput((text) => this.written.fire(text));
  readonly onDidWrite: Event<string> = this.written.event;
  readonly onDidClose: Event<void> = this.closed.event;

  constructor(
    private readonly core: CoreCalls,
    private readonly request: WorkerRequest,
    private readonly onFailure: (error: unknown) => void,
  ) {}

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
    const onLines = (lines: readonly OutputLine[]): void => this.output.write(lines.map((line) => `${shown(line)}\n`).join(''));
    try {
      await this.core.call({ method: 'followLogs', params: { ...this.request, tail: TAIL } }, { signal: this.abort.signal, onLines });
    } catch (error) {
      if (toReport(error).kind === 'cancelled') return;
      this.closed.fire();
      this.onFailure(error);
    }
  }
}

function shown({ stream, text }: OutputLine): string {
  return stream === 'note' ? STYLE.dim(`— ${harmless(text)}`) : harmless(text, true);
}
