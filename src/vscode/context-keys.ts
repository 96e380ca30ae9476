/** The context keys of commands/context-key-specs.ts, for `when` clauses of key bindings and menus. */
import { commands, type Disposable } from 'vscode';
import type { ContextKeyName } from './commands/context-key-specs.js';
import { contextOf } from './context-values.js';
import type { Projects } from './projects.js';

export function keepContextKeys(projects: Projects): Disposable {
  const set = new Map<ContextKeyName, boolean>();
  return projects.onDidChange(() => {
    for (const [key, value] of contextOf(projects.all.map(({ state }) => state))) {
      if ((set.get(key) ?? false) === value) continue;
      set.set(key, value);
      void commands.executeCommand('setContext', key, value);
    }
  });
}
