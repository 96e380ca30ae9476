/** The wheelhouse in the project's folder: an export of what the engine holds. */
import { join, relative } from 'node:path';
import { UserError } from '../../errors.js';
import { exportWheelhouse } from '../../wheels/export.js';
import type { LockedWheel, WheelhouseLock } from '../../wheels/lock.js';
import { exportFolder } from '../facts.js';
import type { Facts } from '../facts.js';
import { environmentOf } from '../dependency-sources.js';
import type { ApplicationFacts, BaseImageFacts, DependencyFacts } from '../image-facts.js';
import { shortPython } from '../plan.js';
import type { StageContext } from './context.js';
import { readLocked, readWheelhouse } from './wheelhouse.js';
import type { Made } from './wheels.js';

export const NO_DEPENDENCIES = 'none';

const SITE = 'site';

/** A site has no wheel of its own: an edit of it changes nothing that is exported. */
export function exportedAs({ project }: Pick<Facts, 'project'>, application: string): string {
  return project.kind === 'site' ? SITE : application;
}

/** Whether the folder holds another wheelhouse than this one, or none. */
export function isExportStale(facts: Facts, application: string, dependencies: string): boolean {
  const { exported, canExport } = facts;
  return canExport && (exported?.fingerprints.application !== exportedAs(facts, application) || exported.fingerprints.dependencies !== dependencies);
}

/** A folder that cannot be written is said, and ends nothing: the engine has the wheelhouse. */
export async function exportIfStale(
  context: StageContext,
  { application, dependencies, base }: { application: Made<ApplicationFacts>; dependencies: Made<DependencyFacts> | undefined; base: BaseImageFacts },
): Promise<void> {
  const { facts } = context;
  const prints = { application: exportedAs(facts, application.fingerprint), dependencies: dependencies?.fingerprint ?? NO_DEPENDENCIES };
  const folder = exportFolder(facts);
  if (!facts.canExport) {
    const text = `${relative(facts.project.root, folder)} cannot be written by this user: the wheels are not exported, they are on the engine`;
    context.emit({ type: 'log', stage: 'wheels', stream: 'note', text });
    return;
  }
  if (!isExportStale(facts, application.fingerprint, prints.dependencies)) return;
  try {
    const own = facts.project.kind === 'site' ? [] : await contents(context, application, 'application');
    // What the folder has already need not come from the engine again.
    const kept = facts.exported?.fingerprints.dependencies === prints.dependencies ? facts.exported.wheels.filter((wheel) => wheel.role === 'dependency') : [];
    const others = dependencies && kept.length === 0 ? await contents(context, dependencies, 'dependencies') : [];
    const wheels = [...[...own, ...others].map(({ locked }) => locked), ...kept];
    const environment = environmentOf(base);
    const lock: WheelhouseLock = { python: shortPython(base.python), extras: facts.extras, wheels, fingerprints: prints, environment };
    await exportWheelhouse(folder, lock, [...own, ...others]);
    context.emit({ type: 'artifact', stage: 'wheels', kind: 'export', name: folder });
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'export-failed') throw error;
    context.emit({
      type: 'log',
      stage: 'wheels',
      stream: 'note',
      text: `${error.message}${error.why === undefined ? '' : ` (${error.why})`}; they are on the engine`,
    });
  }
}

interface Content {
  readonly locked: LockedWheel;
  /** Path of the wheel on the host. */
  readonly content: string;
}

/** From the folder that this run filled, or back from the engine. */
async function contents(context: StageContext, { image, folder }: Made<unknown>, name: string): Promise<readonly Content[]> {
  const from = folder ?? join(context.temporary, name);
  const wheels = folder === undefined ? await readWheelhouse(context, image, from) : await readLocked(from);
  return wheels.map((locked) => ({ locked, content: join(from, locked.file) }));
}
