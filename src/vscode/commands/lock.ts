import { type QuickPickItem, window } from 'vscode';
import type { Command } from './command.js';
import { showRunActions } from './show-run-actions.js';

interface Choice extends QuickPickItem {
  readonly upgrade: 'nothing' | 'all' | 'some';
}

const CHOICES: readonly Choice[] = [
  { label: '$(lock) Keep What Is Locked', description: 'write the lock, change what the project asks for', upgrade: 'nothing' },
  { label: '$(arrow-up) Upgrade Everything', description: 'the newest versions that the project allows', upgrade: 'all' },
  { label: '$(list-selection) Upgrade Packages…', description: 'the newest versions of some', upgrade: 'some' },
];

/** Writes the lock to be committed: pylock.TARGET.toml. */
export const lock: Command = {
  needs: 'project',
  run: async (app, project) => {
    if (app.runs.isActive(project.state.root)) return showRunActions.run(app, project);
    const choice = await window.showQuickPick(CHOICES, { title: `Lock the dependencies of ${project.state.name}`, placeHolder: 'What may change' });
    if (!choice) return;
    if (choice.upgrade !== 'some') return app.runs.lock(project, choice.upgrade === 'all' ? 'all' : undefined);
    const names = await window.showInputBox({ title: 'Upgrade packages', prompt: 'Names, with spaces between them', placeHolder: 'django redis' });
    const words = names?.split(/[\s,]+/).filter(Boolean) ?? [];
    if (words.length > 0) await app.runs.lock(project, words);
  },
};
