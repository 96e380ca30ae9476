/**
 * The context keys for `when` clauses of key bindings and menus:
 * - `pypackage.hasProject`: a folder of the workspace holds a Python project.
 * - `pypackage.running`: a run of this window is at work.
 */
import { commands, type Disposable } from 'vscode';
import { isRunning } from './project-state.js';
import type { Projects } from './projects.js';

export function keepContextKeys(projects: Projects): Disposable {
  const set = new Map<string, boolean>();
  const keep = (key: 'pypackage.hasProject' | 'pypackage.running', value: boolean): void => {
    if (set.get(key) === value) return;
    set.set(key, value);
    void commands.executeCommand('setContext', key, value);
  };
  return projects.onDidChange(() => {
    keep('pypackage.hasProject', projects.all.length > 0);
    keep(
      'pypackage.running',
      projects.all.some(({ state }) => isRunning(state)),
    );
  });
}
