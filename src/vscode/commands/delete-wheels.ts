import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import { formatSize } from '../../core/format.js';
import type { WheelEntry } from '../../core/wheels/wheel-documents.js';
import { showDone, showHint } from '../messages.js';
import { isBusy } from '../project-state.js';
import { sidebarOf } from '../views/sidebar.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';
import { meantWheels } from './meant-wheels.js';

/** Of a dialog's details. */
const MOST_LINES = 12;

/** Files of the export only; asked before. */
export const deleteWheels: Command = {
  needs: 'project',
  run: async (app, project, given) => {
    if (given.all(ARGUMENTS.wheel).length === 0) return undefined;
    const meant = await meantWheels(app, project, given);
    const busy = meant.find(({ project }) => isBusy(project.state));
    if (busy) {
      showHint(l10n.t('{0} is being built: its wheels stay until that has ended.', busy.project.state.name));
      return undefined;
    }
    const isThere = ({ modified }: WheelEntry): boolean => modified !== undefined;
    const there = meant.flatMap(({ wheels }) => wheels.filter(isThere));
    if (there.length === 0 || !(await confirm(there))) return undefined;
    const files: string[] = [];
    let freed = 0;
    for (const { project, wheels } of meant) {
      const params = { ...app.request(project), files: wheels.filter(isThere).map(({ path }) => path) };
      const deleted = await app.core.call({ method: 'deleteWheels', params });
      files.push(...deleted.files);
      freed += deleted.freed;
      await sidebarOf(app).wheels.list(project);
    }
    const build = { title: l10n.t('Build'), command: 'pypackage.build', argument: project.state.root } as const;
    const size = formatSize(freed);
    showDone(
      files.length === 1 ? l10n.t('{0} is deleted ({1}).', basename(files[0] ?? ''), size) : l10n.t('{0} wheels are deleted ({1}).', files.length, size),
      build,
    );
    return files;
  },
};

async function confirm(wheels: readonly WheelEntry[]): Promise<boolean> {
  const size = formatSize(wheels.reduce((sum, wheel) => sum + wheel.size, 0));
  const [only, ...others] = wheels;
  const question = only && others.length === 0 ? l10n.t('Delete {0} ({1})?', only.file, size) : l10n.t('Delete {0} wheels ({1})?', wheels.length, size);
  const named = others.length === 0 ? [] : wheels.slice(0, MOST_LINES).map((wheel) => `${wheel.file} · ${formatSize(wheel.size)}`);
  const more = wheels.length > MOST_LINES ? [l10n.t('and {0} more', wheels.length - MOST_LINES)] : [];
  const what = l10n.t('The engine keeps what was built. The next build exports again what the lock names.');
  const detail = [...named, ...more, ...(named.length > 0 ? [''] : []), what].join('\n');
  const yes = l10n.t('Delete');
  return (await window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}
