/** Asks Debian's own index which package has a file: only after something failed for want of it. */
import findPackageScript from '../../containers/find_package.py';
import { LABEL } from '../../engine/labels.js';
import { UserError } from '../../errors.js';
import { missingIn, packageWith, shownMissing } from '../../images/complaints.js';
import type { Missing } from '../../images/complaints.js';
import { fingerprintTag } from '../../images/names.js';
import { PIP_ENV } from '../../images/tools.js';
import { lookAtBase } from '../plan.js';
import { runJob } from './context.js';
import type { StageContext } from './context.js';
import type { LogTail } from './log-tail.js';

const PACKAGE = /^[a-z0-9][a-z0-9+.-]+$/;

/**
 * From the table, else from the Contents indices of the builder's distribution, which are kept in a volume.
 * @param builder reference of the builder image
 * @returns undefined where no package has it, and where the indices cannot be had
 */
export async function findPackage(context: StageContext, builder: string, missing: Missing): Promise<string | undefined> {
  const known = packageWith(missing);
  if (known !== undefined) return known;
  const { engine, facts, emit, signal } = context;
  const base = lookAtBase(facts)?.fingerprint ?? '';
  const cache = `pypackage-contents-${fingerprintTag(base)}`;
  try {
    await engine.ensureVolume(cache, { [LABEL.kind]: 'cache', [LABEL.fingerprint]: base });
    let found: string | undefined;
    const listen: StageContext = {
      ...context,
      emit: (body) => {
        if (body.type === 'log' && body.stream === 'stdout') found = body.text.trim();
        else emit(body);
      },
    };
    const { exitCode } = await runJob(listen, {
      stage: 'wheels',
      step: { id: 'find-package', name: `look which package has ${shownMissing(missing)}` },
      image: builder,
      command: [`${PIP_ENV}/bin/python`, '-I', '/run/pypackage/find_package.py', missing.kind, missing.name],
      files: [{ path: 'run/pypackage/find_package.py', content: findPackageScript, mode: 0o644 }],
      mounts: [{ type: 'volume', source: cache, target: '/var/lib/apt/lists' }],
    });
    return exitCode === 0 && found !== undefined && PACKAGE.test(found) ? found : undefined;
  } catch (error) {
    // What failed first is what has to be told.
    if (signal.aborted || !(error instanceof UserError)) throw error;
    return undefined;
  }
}

/** The package of what a compiler or a tool complained of. */
export async function packageMissingIn(context: StageContext, builder: string, tail: LogTail): Promise<string | undefined> {
  const missing = missingIn((pattern) => tail.find(pattern)?.match);
  return missing && findPackage(context, builder, missing);
}
