/** The wheels of a project as its export has them, without an engine. */
import { reportOf, UserError, type ErrorReport } from '../errors.js';
import type { LockEnvironment } from '../locks/locked.js';
import { meantProject } from '../project/meant-project.js';
import type { Project } from '../project/project.js';
import type { RevisionMemory } from '../project/revision-memory.js';
import type { Request } from '../request.js';
import { deleteWheels } from '../wheels/delete-wheels.js';
import type { Measure } from '../wheels/judge-wheel.js';
import { listWheels } from '../wheels/list-wheels.js';
import type { DeletedWheels, WheelsDocument } from '../wheels/wheel-documents.js';
import { readLockFor } from './dependency-sources.js';
import { exportFolder, readLocalFacts } from './facts.js';

export async function exportedWheels(request: Request, memory: RevisionMemory): Promise<WheelsDocument> {
  const { project } = await meantProject(request.folder);
  const folder = folderOf(project);
  let problem: ErrorReport | undefined;
  const lockOf = async (environment: LockEnvironment): Promise<Measure['lock']> => {
    try {
      const lock = await readLockFor(await readLocalFacts(request, memory), environment);
      return lock && { file: lock.file, packages: new Map(lock.packages.map((item) => [item.name, item])) };
    } catch (error) {
      // A lock that does not serve ends runs; the wheels are there all the same.
      if (!(error instanceof UserError)) throw error;
      problem = reportOf(error);
      return undefined;
    }
  };
  const { python, lock, wheels } = await listWheels(folder, lockOf);
  const named = lock ?? project.lockFiles[0];
  return {
    project: { root: project.root, name: project.name },
    target: project.normalizedName,
    folder,
    ...(python !== undefined && { python }),
    ...(named !== undefined && { lock: named }),
    ...(problem && { lockProblem: problem }),
    wheels,
  };
}

export async function deleteExportedWheels(request: Request & { readonly files: readonly string[] }): Promise<DeletedWheels> {
  const { project } = await meantProject(request.folder);
  return deleteWheels(project.root, folderOf(project), request.files);
}

const folderOf = (project: Project): string => exportFolder({ project, target: project.normalizedName });
