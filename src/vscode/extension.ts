import { config } from '@vscode/l10n';
import { type ExtensionContext, l10n } from 'vscode';
import type { PyPackageApi } from './api.js';
import { type App, compose } from './app.js';
import { registerCommands } from './commands/register.js';
import { keepContextKeys } from './context-keys.js';
import { registerLanguageModelTools } from './language-model-tools.js';
import { makeApi } from './make-api.js';
import { StatusBar } from './status-bar.js';
import { registerViews } from './views/register-views.js';
import { registerWheelEditor } from './wheel-editor/register-wheel-editor.js';
import { registerTasks } from './tasks/task-provider.js';

/** The one variable of the module: `deactivate` gets no argument, and only its promise makes VS Code wait for the clean-up. */
let app: App | undefined;

/** Does no work: no thread, no engine, no socket; a few file names are looked up at the top of each folder and above the file in front. */
export function activate(context: ExtensionContext): PyPackageApi {
  // Modules without vscode have words for people, too; both take them from the one bundle that VS Code has read.
  if (l10n.bundle) config({ contents: l10n.bundle });
  app = compose(context);
  context.subscriptions.push(registerCommands(app));
  context.subscriptions.push(registerTasks(app));
  context.subscriptions.push(new StatusBar(app.projects));
  context.subscriptions.push(keepContextKeys(app.projects));
  context.subscriptions.push(registerLanguageModelTools(app));
  registerSoon(context, app);
  void app.projects.refresh();
  return makeApi(app, (part) => context.subscriptions.push(part));
}

/** What no call waits for: VS Code asks views, editors and documents of ours that are open again when they are there. The window need not wait for them, either. */
function registerSoon({ subscriptions }: ExtensionContext, app: App): void {
  const soon = setImmediate(() => subscriptions.push(registerViews(app), registerWheelEditor(app), app.inspections));
  subscriptions.push({ dispose: () => clearImmediate(soon) });
}

/** Cancels what runs and waits for its clean-up. */
export async function deactivate(): Promise<void> {
  await app?.end();
}
