/** `fix`: adds to pypackage.json what the last failed run lacked. */
import { command, type Context, printDocument, printLines } from '../context.js';

export async function fix({ io, core, flags, request, signal }: Context): Promise<number> {
  const result = await core.fix({ ...request, ...(flags.dryRun && { dryRun: true }) }, signal);
  if (flags.json) printDocument(io, { v: 1, ...result });
  else printLines(io, linesOf(result, flags.dryRun ? undefined : command('all', flags)));
  return 0;
}

function linesOf({ file, packages, added }: Awaited<ReturnType<Context['core']['fix']>>, again: string | undefined): readonly string[] {
  if (file === undefined) return ['The last run left nothing to fix.'];
  if (added.length === 0) return [`${file} names ${packages.join(', ')} already.`, ...(again === undefined ? [] : [`Run again with: ${again}`])];
  if (again === undefined) return [`Would add ${added.join(', ')} to ${file}.`, 'This is a dry run: nothing was done.'];
  return [`Added ${added.join(', ')} to ${file}.`, `Run again with: ${again}`];
}
