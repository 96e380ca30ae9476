/** Commands as VS Code knows them. What they do is loaded with the first that is called. */
import { commands, Disposable } from 'vscode';
import type { App } from '../app.js';
import { loadOnDemand } from '../load-on-demand.js';
import { COMMAND_IDS } from './command-ids.js';

export function registerCommands(app: App): Disposable {
  return Disposable.from(
    ...COMMAND_IDS.map((id) =>
      commands.registerCommand(id, async (argument: unknown, selection: unknown) => (await loadOnDemand()).perform(app, id, argument, selection)),
    ),
  );
}
