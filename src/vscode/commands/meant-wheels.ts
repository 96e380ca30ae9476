/** Which wheels a command is about. */
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { UserError } from '../../core/errors.js';
import type { WheelEntry, WheelsDocument, WheelVerdict } from '../../core/wheels/wheel-documents.js';
import type { App } from '../app.js';
import { showHint } from '../messages.js';
import { isBelow } from '../project-places.js';
import type { Project } from '../projects.js';
import { sidebarOf } from '../views/sidebar.js';
import { ARGUMENTS } from './command-specs.js';
import type { Given } from './parameters.js';

export interface MeantWheels {
  readonly project: Project;
  readonly document: WheelsDocument;
  readonly wheels: readonly WheelEntry[];
}

/**
 * Those that were given, by their projects: rows of several may be selected. All of the project's where none was.
 * @throws UserError `wheel-unknown` for one that no project of the window has
 */
export async function meantWheels(app: App, project: Project, given: Given): Promise<readonly MeantWheels[]> {
  const files = given.all(ARGUMENTS.wheel);
  const projects = files.length === 0 ? [project] : app.projects.all.filter(({ state }) => files.some((file) => isBelow(file, state.root)));
  const lists = await Promise.all(
    projects.map(async (project) => {
      const document = await sidebarOf(app).wheels.list(project);
      return { project, document, wheels: document.wheels.filter(({ path }) => files.length === 0 || files.includes(path)) };
    }),
  );
  const known = new Set(lists.flatMap(({ wheels }) => wheels.map(({ path }) => path)));
  const unknown = files.find((file) => !known.has(file));
  if (unknown === undefined) return lists.filter(({ wheels }) => wheels.length > 0);
  throw new UserError({
    kind: 'project',
    code: 'wheel-unknown',
    message: l10n.t('{0} is no wheel of a project of this window', basename(unknown)),
    why: l10n.t('No export in target/pypackage/ holds {0}', unknown),
  });
}

/** Reads all of it; its row tells what came of it. */
export async function verifyMeant(app: App, document: WheelsDocument, wheel: WheelEntry, signal?: AbortSignal): Promise<WheelVerdict> {
  const params = { folder: document.folder, file: wheel.path };
  const verdict = await app.core.call({ method: 'verifyWheel', params }, signal ? { signal } : {});
  sidebarOf(app).wheels.note(document.project.root, wheel, verdict);
  return verdict;
}

export function hintAtNoWheels({ state }: Project): undefined {
  showHint(l10n.t('{0} has no wheels in target/: nothing was built yet.', state.name), {
    title: l10n.t('Build'),
    command: 'pypackage.build',
    argument: state.root,
  });
}
