/** The doctor's findings as a read-only Markdown document. */
import { type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, workspace } from 'vscode';
import type { DoctorDocument } from '../core/request.js';
import { doctorText } from './doctor-text.js';

const SCHEME = 'pypackage-doctor';
const DOCUMENT = Uri.from({ scheme: SCHEME, path: '/PyPackage Doctor.md' });

export class DoctorView implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private registration: Disposable | undefined;
  private text = '';
  readonly onDidChange = this.changed.event;

  show(findings: DoctorDocument): Uri {
    this.text = doctorText(findings);
    this.registration ??= workspace.registerTextDocumentContentProvider(SCHEME, this);
    this.changed.fire(DOCUMENT);
    return DOCUMENT;
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  dispose(): void {
    this.registration?.dispose();
    this.changed.dispose();
  }
}
