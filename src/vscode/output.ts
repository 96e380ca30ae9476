/** The output channel: every line of a run as it comes, in the batches that the worker sends. */
import { type Disposable, type OutputChannel, window } from 'vscode';
import type { ErrorReport } from '../core/errors.js';
import { harmless } from '../core/harmless.js';
import type { RunEvent } from '../core/pipeline/events.js';
import type { OutputLine } from '../protocol/worker.js';
import { type Links, OUTPUT_LANGUAGE } from './link-providers.js';
import { linesOfError, linesOfEvent } from './output-lines.js';

export class Output implements Disposable {
  private channel: OutputChannel | undefined;
  /** Runs one of whose stages has told its error. */
  private readonly told = new Set<string>();
  /** Shapes that set themselves apart may follow each other: one empty line between them is enough. */
  private endsBlank = true;

  constructor(private readonly links: Links) {}

  events(events: readonly RunEvent[]): void {
    this.append(
      events.flatMap((event) => {
        if (event.type === 'run.started' && event.log !== undefined) this.links.note(event.log, event.project.root);
        if (event.type === 'stage.failed') this.told.add(event.run);
        const lines = linesOfEvent(event, this.told.has(event.run));
        if (event.type === 'run.finished') this.told.delete(event.run);
        return lines;
      }),
    );
  }

  lines(lines: readonly OutputLine[]): void {
    this.append(lines.map(({ text }) => `    ${harmless(text)}`));
  }

  heading(text: string): void {
    this.append(['', `▸ ${text}`]);
  }

  /** With the stack, where it is a defect: a person who reports it needs one place to copy from. */
  error(subject: string, error: ErrorReport): void {
    this.append([
      '',
      `✗ ${subject}`,
      ...linesOfError(error),
      ...(error.kind === 'defect' && error.detail !== undefined ? error.detail.split('\n').map((line) => `    ${line}`) : []),
    ]);
  }

  /** Whether a person has it in front, in a window that is in front. */
  get isWatched(): boolean {
    return window.state.focused && window.visibleTextEditors.some(({ document }) => document.languageId === OUTPUT_LANGUAGE);
  }

  show(): void {
    this.open().show(true);
  }

  dispose(): void {
    this.channel?.dispose();
  }

  private append(lines: readonly string[]): void {
    const kept = lines.filter((line, index) => line !== '' || (index === 0 ? !this.endsBlank : lines[index - 1] !== ''));
    if (kept.length === 0) return;
    this.endsBlank = kept.at(-1) === '';
    this.open().append(`${kept.join('\n')}\n`);
  }

  private open(): OutputChannel {
    if (this.channel) return this.channel;
    this.channel = window.createOutputChannel('PyPackage', OUTPUT_LANGUAGE);
    return this.channel;
  }
}
