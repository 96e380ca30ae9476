/** What the extension itself does, for who looks for a defect of it: the channel **PyPackage Diagnostics**. Nothing of a project's output is in it. */
import { type Disposable, type LogOutputChannel, window } from 'vscode';
import { Redactor } from '../core/redactor.js';

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** The part that most of the extension sees. */
export interface Notes {
  note(level: Level, text: string): void;
}

/** Notes before there is anything to tell: a window that never uses the extension has no channel of it. */
const EARLY = 50;

export class Journal implements Notes, Disposable {
  private channel: LogOutputChannel | undefined;
  private early: { readonly level: Level; readonly text: string }[] = [];
  private readonly redactor = new Redactor();

  /** Makes the channel, unless `early`: that waits for the first that is not. */
  note(level: Level, text: string, early = false): void {
    // What the core says has been redacted with all that it knows; here it is addresses with a password, by their form.
    const clean = this.redactor.redact(text);
    if (early && !this.channel) {
      if (this.early.length < EARLY) this.early.push({ level, text: clean });
      return;
    }
    this.open()[level](clean);
  }

  show(): void {
    this.open().show(true);
  }

  dispose(): void {
    this.channel?.dispose();
  }

  private open(): LogOutputChannel {
    if (this.channel) return this.channel;
    const channel = window.createOutputChannel('PyPackage Diagnostics', { log: true });
    this.channel = channel;
    for (const { level, text } of this.early) channel[level](text);
    this.early = [];
    return channel;
  }
}
