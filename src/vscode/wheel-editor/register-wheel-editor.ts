/** Says that wheels have an editor; what draws it is loaded with the first wheel that is opened. */
import { type Disposable, type CustomReadonlyEditorProvider, window } from 'vscode';
import type { App } from '../app.js';
import { loadOnDemand } from '../load-on-demand.js';
import { WHEEL_EDITOR } from './wheel-editor-id.js';

export function registerWheelEditor(app: App): Disposable {
  const provider: CustomReadonlyEditorProvider = {
    // The file is its own document: each editor of it reads it.
    openCustomDocument: (uri) => ({ uri, dispose: () => {} }),
    resolveCustomEditor: async ({ uri }, panel) => (await loadOnDemand()).showWheel(app, uri, panel),
  };
  return window.registerCustomEditorProvider(WHEEL_EDITOR, provider, { supportsMultipleEditorsPerDocument: true });
}
