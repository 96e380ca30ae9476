/** Which project a task of tasks.json means. */
import { isAbsolute, join, normalize } from 'node:path';
import * as l10n from '@vscode/l10n';
import { UserError } from '../../core/errors.js';
import type { Project, Projects } from '../projects.js';

/**
 * Throws where there is none. A project outside the workspace is none: nobody has trusted it.
 * @param folders where the task is defined, or all of the workspace's where it belongs to none
 */
export async function projectOfTask(projects: Projects, folders: readonly string[], wanted: string | undefined): Promise<Project> {
  const roots = rootsOfTask(folders, wanted);
  const look = (): Project | undefined => roots.map((root) => projects.get(root)).find((project) => project !== undefined);
  // A window that has just begun, and then folders below the top, that nobody has looked into.
  const found = look() ?? (await projects.refresh().then(look)) ?? (await projects.search().then(look)) ?? (wanted === undefined ? only(projects) : undefined);
  if (found) return found;
  throw new UserError({
    kind: 'project',
    code: 'task-project',
    message: wanted === undefined ? l10n.t('The task names no project, and the folder is none') : l10n.t('There is no Python project in {0}', wanted),
    fix: l10n.t('Name the folder of a project of this workspace as "project" in tasks.json'),
  });
}

export function rootsOfTask(folders: readonly string[], wanted = '.'): readonly string[] {
  const roots = isAbsolute(wanted) ? [normalize(wanted)] : folders.map((folder) => join(folder, wanted));
  return roots.map((root) => (root.length > 1 ? root.replace(/[\\/]+$/, '') : root));
}

const only = ({ all }: Projects): Project | undefined => (all.length === 1 ? all[0] : undefined);
