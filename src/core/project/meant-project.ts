/** Which project is meant by a folder: its own, or the only one below it. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.js';
import { detectProject } from './detect.js';
import { findProjects } from './find-projects.js';
import type { Project } from './project.js';

export interface MeantProject {
  readonly project: Project;
  /** Relative to the folder that was named; undefined where that is the project's own. */
  readonly below: string | undefined;
}

/** @throws UserError as `detectProject` does: where several projects lie below, it names them */
export async function meantProject(folder: string): Promise<MeantProject> {
  try {
    return { project: await detectProject(folder), below: undefined };
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'no-project') throw error;
    const [only, ...others] = await findProjects(await realpath(folder));
    if (!only || others.length > 0 || only.folder === '') throw error;
    return { project: await detectProject(path.join(folder, only.folder)), below: only.folder };
  }
}
