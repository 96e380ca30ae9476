import * as l10n from '@vscode/l10n';
import { type QuickPickItem, ThemeIcon, window } from 'vscode';
import { type StageName, STAGES } from '../../core/pipeline/events.js';
import type { Project } from '../projects.js';
import { stageRow } from '../views/target-rows.js';
import { runStages } from './build.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';

/** One stage, and before it what it needs and is stale. */
export const runStage: Command = {
  needs: 'project',
  run: async (app, project, given) => {
    const stages = given.get(ARGUMENTS.stages) ?? (await askForStage(project));
    return stages === undefined ? undefined : runStages(app, project, stages, given);
  },
};

async function askForStage({ state }: Project): Promise<readonly StageName[] | undefined> {
  const now = Date.now();
  const items = STAGES.map((stage): QuickPickItem & { readonly stage: StageName } => {
    const { label, description, icon } = stageRow(state, stage, now);
    return { label, description, iconPath: new ThemeIcon(icon), stage };
  });
  const chosen = await window.showQuickPick(items, {
    title: l10n.t('Stages of {0}', state.name),
    placeHolder: l10n.t('Which stage'),
    matchOnDescription: true,
  });
  return chosen && [chosen.stage];
}
