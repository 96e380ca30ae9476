/** A release that was built and cannot work: what containers/install.py found, as one sentence with the next step. */
import { UserError } from '../../errors.js';

export function explainUnfit(logTail: readonly string[]): UserError | undefined {
  const found = logTail.map((text) => /^this release cannot work: (.+)$/.exec(text)?.[1]).find((text) => text !== undefined);
  if (found === undefined) return undefined;
  const library = /\blib[\w.+-]*\.so[\d.]*/.exec(found)?.[0];
  const module = /there is no module (\S+)$/.exec(found)?.[1];
  return new UserError({
    kind: 'stage',
    code: 'release-import-failed',
    message: `The release cannot work: ${found}`,
    ...(library !== undefined && { why: `No package of the release holds ${library}` }),
    ...(module !== undefined && { why: `A dependency that should hold ${module} is missing, or another version of it is installed` }),
    fix:
      module === undefined
        ? 'Name the Debian package that has the library under systemPackages.run in pypackage.json'
        : 'Correct the dependencies in the metadata, or add the requirement under requirements in pypackage.json',
  });
}
