import * as l10n from '@vscode/l10n';
import { type QuickPickItem, ThemeIcon, Uri, window, workspace } from 'vscode';
import { formatAgo } from '../../core/format.js';
import type { Project } from '../projects.js';
import type { WhatToRun } from '../runs.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';
import { resultOf } from './run-result.js';
import { showRunActions } from './show-run-actions.js';

type Upgrade = NonNullable<ReturnType<typeof ARGUMENTS.upgrade.parse>>;

interface Choice extends QuickPickItem {
  readonly upgrade: 'nothing' | 'all' | 'some';
}

/** Writes the lock to be committed: pylock.TARGET.toml. */
export const lock: Command = {
  needs: 'project',
  run: async (app, project, given) => {
    if (app.runs.isActive(project.state.root)) return showRunActions.run(app, project);
    const upgrade = given.get(ARGUMENTS.upgrade) ?? (await askWhatMayChange(project));
    if (upgrade === undefined) return undefined;
    const { target } = given;
    const what: WhatToRun = {
      verb: 'lock',
      stages: ['wheels'],
      ...((upgrade === 'all' || typeof upgrade !== 'string') && { upgrade }),
      ...(target !== undefined && { target }),
    };
    return resultOf(await app.runs.run(project, what));
  },
};

async function askWhatMayChange(project: Project): Promise<Upgrade | undefined> {
  const choices: readonly Choice[] = [
    {
      label: l10n.t('Keep What Is Locked'),
      iconPath: new ThemeIcon('lock'),
      description: l10n.t('write the lock, change what the project asks for'),
      detail: await describeLocks(project),
      upgrade: 'nothing',
    },
    {
      label: l10n.t('Upgrade Everything'),
      iconPath: new ThemeIcon('arrow-up'),
      description: l10n.t('the newest versions that the project allows'),
      upgrade: 'all',
    },
    { label: l10n.t('Upgrade Packages…'), iconPath: new ThemeIcon('list-selection'), description: l10n.t('the newest versions of some'), upgrade: 'some' },
  ];
  const title = l10n.t('Lock the dependencies of {0}', project.state.name);
  const choice = await window.showQuickPick(choices, { title, placeHolder: l10n.t('What may change') });
  if (choice?.upgrade !== 'some') return choice?.upgrade;
  const names = await window.showInputBox({
    title: l10n.t('Upgrade packages'),
    prompt: l10n.t('Names, with spaces between them'),
    placeHolder: 'django redis',
  });
  const words = names?.split(/[\s,]+/).filter(Boolean) ?? [];
  return words.length > 0 ? words : undefined;
}

/** `pylock.polls.toml, written 3 days ago` */
async function describeLocks({ uri }: Project): Promise<string> {
  const entries = await workspace.fs.readDirectory(uri).then(
    (entries) => entries,
    () => [],
  );
  const names = entries.map(([name]) => name).filter((name) => /^(pylock(\..+)?\.toml|uv\.lock|poetry\.lock|pdm\.lock)$/.test(name));
  if (names.length === 0) return l10n.t('no lock yet');
  const written = await Promise.all(
    names.map(async (name) => l10n.t('{0}, written {1}', name, formatAgo((await workspace.fs.stat(Uri.joinPath(uri, name))).mtime, Date.now()))),
  );
  return written.join(' · ');
}
