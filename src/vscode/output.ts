/** The output channel: every line of a run as it comes, in the batches that the worker sends. */
import { type Disposable, DocumentLink, languages, type OutputChannel, Position, Range, type TextDocument, Uri, window } from 'vscode';
import type { ErrorReport } from '../core/errors.js';
import { harmless } from '../core/harmless.js';
import type { RunEvent } from '../core/pipeline/events.js';
import type { OutputLine } from '../protocol/worker.js';
import { linesOfError, linesOfEvent } from './output-lines.js';

const LANGUAGE = 'pypackage-output';

export class Output implements Disposable {
  private channel: OutputChannel | undefined;
  private links: Disposable | undefined;
  /** Log files that were named, each with the line where it was seen last. */
  private readonly logs = new Map<string, number | undefined>();
  /** Runs one of whose stages has told its error. */
  private readonly told = new Set<string>();
  /** Shapes that set themselves apart may follow each other: one empty line between them is enough. */
  private endsBlank = true;

  events(events: readonly RunEvent[]): void {
    this.append(
      events.flatMap((event) => {
        if (event.type === 'run.started' && event.log !== undefined) this.logs.set(event.log, undefined);
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
    return [...this.logs].flatMap(([log, known]) => {
      const start = placeOf(log, document, known);
      if (start) this.logs.set(log, start.line);
      return start ? [new DocumentLink(new Range(start, start.translate(0, log.length)), Uri.file(log))] : [];
    });
  }
}

/** The editor asks after each change, and the text may be long: it is searched once. */
function placeOf(log: string, document: TextDocument, known: number | undefined): Position | undefined {
  if (known !== undefined && known < document.lineCount) {
    const column = document.lineAt(known).text.indexOf(log);
    if (column >= 0) return new Position(known, column);
  }
  const at = document.getText().indexOf(log);
  return at < 0 ? undefined : document.positionAt(at);
}
