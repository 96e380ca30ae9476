/** The doctor's findings as a read-only Markdown document. */
import { Disposable, EventEmitter, type TextDocumentContentProvider, Uri, workspace } from 'vscode';
import type { DoctorDocument } from '../core/request.js';
import { doctorText } from './doctor-text.js';

const SCHEME = 'pypackage-doctor';
const DOCUMENT = Uri.from({ scheme: SCHEME, path: '/PyPackage Doctor.md' });

export class DoctorView implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly registration: Disposable;
  private text = 'Run **PyPackage: Run Doctor** to look at the engine.\n';
  readonly onDidChange = this.changed.event;

  constructor() {
    this.registration = Disposable.from(this.changed, workspace.registerTextDocumentContentProvider(SCHEME, this));
  }

  show(findings: DoctorDocument): Uri {
    this.text = doctorText(findings);
    this.changed.fire(DOCUMENT);
    return DOCUMENT;
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  dispose(): void {
    this.registration.dispose();
  }
}
