/** The output channel: every line of a run as it comes, in the batches that the worker sends. */
import { type Disposable, DocumentLink, languages, type OutputChannel, Range, type TextDocument, Uri, window } from 'vscode';
import type { ErrorReport } from '../core/errors.js';
import type { RunEvent } from '../core/pipeline/events.js';
import type { OutputLine } from '../protocol/worker.js';
import { linesOfError, linesOfEvent, withoutControls } from './output-lines.js';

const LANGUAGE = 'pypackage-output';

export class Output implements Disposable {
  private channel: OutputChannel | undefined;
  private links: Disposable | undefined;
  /** Log files that were named. */
  private readonly logs = new Set<string>();
  /** Runs one of whose stages has told its error. */
  private readonly told = new Set<string>();
  /** Shapes that set themselves apart may follow each other: one empty line between them is enough. */
  private endsBlank = true;

  events(events: readonly RunEvent[]): void {
    this.append(
      events.flatMap((event) => {
        if (event.type === 'run.started' && event.log !== undefined) this.logs.add(event.log);
        if (event.type === 'stage.failed') this.told.add(event.run);
        const lines = linesOfEvent(event, this.told.has(event.run));
        if (event.type === 'run.finished') this.told.delete(event.run);
        return lines;
      }),
    );
  }

  lines(lines: readonly OutputLine[]): void {
    this.append(lines.map(({ text }) => `    ${withoutControls(text)}`));
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

  show(): void {
    this.open().show(true);
  }

  dispose(): void {
    this.links?.dispose();
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
    this.channel = window.createOutputChannel('PyPackage', LANGUAGE);
    this.links = languages.registerDocumentLinkProvider({ language: LANGUAGE }, { provideDocumentLinks: (document) => this.linksIn(document) });
    return this.channel;
  }

  /** VS Code finds links to files of the workspace by itself; the logs lie elsewhere. */
  private linksIn(document: TextDocument): DocumentLink[] {
    const text = document.getText();
    return [...this.logs].flatMap((log) => {
      const at = text.indexOf(log);
      return at < 0 ? [] : [new DocumentLink(new Range(document.positionAt(at), document.positionAt(at + log.length)), Uri.file(log))];
    });
  }
}
