/** A read-only document of ours, with another text each time it is shown. */
import { type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, workspace } from 'vscode';

export class ShownDocument implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly uri: Uri;
  private registration: Disposable | undefined;
  private text = '';
  readonly onDidChange = this.changed.event;

  /** @param path the name of its tab comes last: `/PyPackage Doctor.md` */
  constructor(scheme: string, path: string) {
    this.uri = Uri.from({ scheme, path });
  }

  show(text: string): Uri {
    this.text = text;
    this.registration ??= workspace.registerTextDocumentContentProvider(this.uri.scheme, this);
    this.changed.fire(this.uri);
    return this.uri;
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  dispose(): void {
    this.registration?.dispose();
    this.changed.dispose();
  }
}
