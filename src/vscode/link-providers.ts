/** Places in the output and in log files, and paths of containers in terminals, become links to the workspace's files. */
import { dirname } from 'node:path';
import {
  Disposable,
  DocumentLink,
  type DocumentLinkProvider,
  languages,
  Range,
  TerminalLink,
  type TerminalLinkProvider,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode';
import * as l10n from '@vscode/l10n';
import { LinkTargets } from './link-targets.js';
import { DocumentScan, linksIn } from './links.js';
import type { Projects } from './projects.js';

export const OUTPUT_LANGUAGE = 'pypackage-output';
/** VS Code's own, of files named `*.log`. */
const LOG_LANGUAGE = 'log';

/** What the output says of which project the lines below are of: the log's path stands under each heading. */
const LOG_LINE = /^ {2}log (.+)$/;
/** The first line of a log file. */
const FIRST_LINE = /^[\d:.]{12} run \S+: .*? in (.+), Python [\d.]+, /;

const IN_CONTAINER = /^\/(?:src|application|appenv)\//;

/** A link to a place in a terminal, with where it leads. */
class PlaceLink extends TerminalLink {
  constructor(
    start: number,
    length: number,
    readonly target: Uri,
  ) {
    super(start, length, l10n.t('Open File in Editor'));
  }
}

export class Links implements DocumentLinkProvider, Disposable {
  private readonly targets: LinkTargets;
  private readonly scans = new WeakMap<TextDocument, DocumentScan<Uri>>();
  /** Of the runs of this window: by the path of the log, the project's folder. */
  private readonly logs = new Map<string, string>();
  private readonly registration: Disposable;

  constructor(
    private readonly projects: Projects,
    private readonly logFolder: Uri,
  ) {
    this.targets = new LinkTargets(() => projects.all.map(({ state }) => state));
    const terminalLinks: TerminalLinkProvider<PlaceLink> = {
      provideTerminalLinks: ({ line }) => this.linksOfTerminal(line),
      handleTerminalLink: ({ target }) => open(target),
    };
    this.registration = Disposable.from(
      languages.registerDocumentLinkProvider([{ language: OUTPUT_LANGUAGE }, { language: LOG_LANGUAGE }], this),
      window.registerTerminalLinkProvider(terminalLinks),
    );
  }

  /** The log of a run of the project in this folder. */
  note(log: string, root: string): void {
    this.logs.set(log, root);
  }

  provideDocumentLinks(document: TextDocument): DocumentLink[] {
    // Logs of others are theirs.
    if (document.languageId === LOG_LANGUAGE && dirname(document.uri.fsPath) !== this.logFolder.fsPath) return [];
    const scan = this.scans.get(document) ?? this.scan();
    this.scans.set(document, scan);
    return scan
      .links({ count: document.lineCount, at: (line) => document.lineAt(line).text })
      .map(({ line, start, length, target }) => new DocumentLink(new Range(line, start, line, start + length), target));
  }

  dispose(): void {
    this.registration.dispose();
  }

  private scan(): DocumentScan<Uri> {
    return new DocumentScan<Uri>(
      (text) => {
        const log = LOG_LINE.exec(text)?.[1];
        const root = log === undefined ? FIRST_LINE.exec(text)?.[1] : this.logs.get(log);
        return root !== undefined && this.projects.get(root) ? root : undefined;
      },
      (text, root) => {
        const log = LOG_LINE.exec(text)?.[1];
        if (log !== undefined && this.logs.has(log)) return [{ start: text.length - log.length, length: log.length, target: Uri.file(log) }];
        return this.found(text, root);
      },
    );
  }

  private found(text: string, root: string | undefined, wanted = /^/): readonly { readonly start: number; readonly length: number; readonly target: Uri }[] {
    return linksIn(text).flatMap(({ start, length, path, line, column }) => {
      if (!wanted.test(path)) return [];
      const target = this.targets.find(path, line, column, root);
      return target ? [{ start, length, target }] : [];
    });
  }

  /** VS Code itself knows relative paths, and those of its machine. A terminal of a task has the task's name: it cannot be told from others. */
  private linksOfTerminal(line: string): PlaceLink[] {
    return this.found(line, undefined, IN_CONTAINER).map(({ start, length, target }) => new PlaceLink(start, length, target));
  }
}

async function open(target: Uri): Promise<void> {
  const [line = 1, column = 1] = target.fragment
    .replace(/^L/, '')
    .split(',')
    .map((part) => Number(part) || 1);
  const document = await workspace.openTextDocument(target.with({ fragment: '' }));
  await window.showTextDocument(document, { selection: new Range(line - 1, column - 1, line - 1, column - 1) });
}
