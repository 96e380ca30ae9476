/** What the engine itself says of a container or an image, as read-only JSON. */
import * as l10n from '@vscode/l10n';
import { type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode';
import type { InspectObject } from '../core/objects/inspect-object.js';
import type { CoreCalls } from './core-thread.js';
import { chosenEngineParams } from './settings.js';

/** `pypackage-inspect:/container/NAME.json?ID` */
const SCHEME = 'pypackage-inspect';

export class Inspections implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly registration = workspace.registerTextDocumentContentProvider(SCHEME, this);
  /** What is about to be shown. */
  private asked: { readonly uri: string; readonly text: string } | undefined;
  readonly onDidChange = this.changed.event;

  constructor(private readonly core: CoreCalls) {}

  /**
   * Asks again where it is open already.
   * @param name as people call it: of the tab
   * @throws what the core says, before anything is opened
   */
  async show(kind: InspectObject['kind'], id: string, name: string): Promise<void> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${kind}/${name.replaceAll('/', '∕')}.json`, query: id });
    this.asked = { uri: uri.toString(), text: await this.ask(kind, id) };
    if (workspace.textDocuments.some((document) => document.uri.toString() === this.asked?.uri)) this.changed.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  provideTextDocumentContent(uri: Uri): Promise<string> | string {
    const { asked } = this;
    this.asked = undefined;
    if (asked?.uri === uri.toString()) return asked.text;
    // Of a window that was opened again.
    if (!workspace.isTrusted) return `${JSON.stringify(l10n.t('Nothing is done on an engine for a folder that is not trusted.'))}\n`;
    return this.ask(uri.path.startsWith('/image/') ? 'image' : 'container', uri.query);
  }

  private ask(kind: InspectObject['kind'], id: string): Promise<string> {
    return this.core.call({ method: 'inspectObject', params: { ...chosenEngineParams(), kind, id } });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
