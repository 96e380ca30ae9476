/** The editor of a wheel: reads it in the core's thread, shows it, and again when the file has changed. It writes nothing. */
import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Disposable, env, RelativePattern, Uri, type WebviewPanel, workspace } from 'vscode';
import { type ErrorReport, isCancelled } from '../../core/errors.js';
import type { WheelContents } from '../../core/wheels/wheel-documents.js';
import type { App } from '../app.js';
import { toReport } from '../core-error.js';
import { requirementOf } from '../views/wheel-rows.js';
import { parseWheelMessage, type WhatToCopy, type WheelReply } from './wheel-message.js';
import { type PageFrame, problemPage, readingPage, wheelPage } from './wheel-page.js';

/** How long after a change the file is read again, in ms: it may still be written. */
const SETTLED = 200;

export async function showWheel(app: Pick<App, 'core' | 'extension'>, uri: Uri, panel: WebviewPanel): Promise<void> {
  const page = new WheelPanel(app, uri, panel);
  panel.onDidDispose(() => page.dispose());
  await page.show();
}

class WheelPanel implements Disposable {
  private readonly subscriptions: Disposable;
  private readonly file: string;
  private contents: WheelContents | undefined;
  private reading: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: Pick<App, 'core' | 'extension'>,
    private readonly uri: Uri,
    private readonly panel: WebviewPanel,
  ) {
    this.file = basename(uri.path);
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [this.resource()] };
    const folder = dirname(uri.fsPath);
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(folder), this.file));
    // Of a folder that goes as a whole, nothing is told of its files.
    const above = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(dirname(folder)), basename(folder)), true, true);
    const changed = (): void => this.showSoon();
    this.subscriptions = Disposable.from(
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidChange(changed),
      watcher.onDidDelete(changed),
      above,
      above.onDidDelete(changed),
      webview.onDidReceiveMessage((message) => void this.receive(message)),
    );
  }

  async show(): Promise<void> {
    const { webview } = this.panel;
    this.reading?.abort();
    const reading = new AbortController();
    this.reading = reading;
    if (this.uri.scheme !== 'file') {
      const message = l10n.t('{0} is on no disk that wheels can be read from', this.uri.toString(true));
      webview.html = problemPage(this.file, { kind: 'project', code: 'wheel-elsewhere', message }, this.frame());
      return;
    }
    if (this.contents === undefined) webview.html = readingPage(this.file, this.frame());
    try {
      const call = { method: 'readWheel', params: { file: this.uri.fsPath, hash: true } } as const;
      const contents = await this.app.core.call(call, { signal: reading.signal });
      if (reading.signal.aborted) return;
      // Touched only: what is open and where it is scrolled to stays.
      if (this.contents !== undefined && JSON.stringify(contents) === JSON.stringify(this.contents)) return;
      this.contents = contents;
      webview.html = wheelPage(contents, this.frame());
    } catch (error) {
      if (reading.signal.aborted || isCancelled(error)) return;
      this.contents = undefined;
      webview.html = problemPage(this.file, (await this.isThere()) ? toReport(error) : this.gone(), this.frame());
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.reading?.abort();
    this.subscriptions.dispose();
  }

  private isThere(): Promise<boolean> {
    return Promise.resolve(workspace.fs.stat(this.uri)).then(
      () => true,
      () => false,
    );
  }

  private gone(): ErrorReport {
    return {
      kind: 'project',
      code: 'wheel-gone',
      message: l10n.t('{0} is not there any more', this.file),
      fix: l10n.t('It is shown again when it comes back'),
    };
  }

  private showSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.show(), SETTLED);
  }

  private async receive(message: unknown): Promise<void> {
    const asked = parseWheelMessage(message);
    const text = asked && this.textOf(asked.what);
    if (text === undefined) return;
    await env.clipboard.writeText(text);
    const reply: WheelReply = { type: 'said', text: l10n.t('Copied') };
    await this.panel.webview.postMessage(reply);
  }

  private textOf(what: WhatToCopy): string | undefined {
    if (!this.contents) return undefined;
    if (what === 'requirement') return requirementOf(this.contents);
    return this.contents.sha256 === undefined ? undefined : `sha256:${this.contents.sha256}`;
  }

  private resource(...names: readonly string[]): Uri {
    return Uri.joinPath(this.app.extension.extensionUri, 'media', 'wheel-editor', ...names);
  }

  private frame(): PageFrame {
    const { webview } = this.panel;
    const address = (name: string): string => webview.asWebviewUri(this.resource(name)).toString();
    return {
      language: env.language,
      source: webview.cspSource,
      style: address('wheel.css'),
      script: address('wheel.js'),
      nonce: randomBytes(16).toString('base64url'),
    };
  }
}
