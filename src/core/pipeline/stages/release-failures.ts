/** Steps of our Dockerfiles that failed for what the project asks for, each as one sentence with its line and the next step. */
import { UserError, type Place, type RelatedPlace } from '../../errors.js';

/**
 * A release that was built and cannot work: what containers/install.py found.
 *
 * @param placeOf where the project asks for a distribution of that name
 */
export function explainUnfit(logTail: readonly string[], step: RelatedPlace, placeOf: (name: string) => Place | undefined): UserError | undefined {
  const found = logTail.map((text) => /^this release cannot work: (.+)$/.exec(text)?.[1]).find((text) => text !== undefined);
  if (found === undefined) return undefined;
  const library = /\blib[\w.+-]*\.so[\d.]*/.exec(found)?.[0];
  const module = /there is no module (\S+)$/.exec(found)?.[1];
  return new UserError({
    kind: 'stage',
    code: 'release-import-failed',
    message: `The release cannot work: ${found}`,
    ...at(module === undefined ? undefined : placeOf(module.split('.')[0] ?? module), step),
    ...(library !== undefined && { why: `No package of the release holds ${library}` }),
    ...(module !== undefined && { why: `A dependency that should hold ${module} is missing, or another version of it is installed` }),
    fix:
      module === undefined
        ? 'Name the Debian package that has the library under systemPackages.run in pypackage.json'
        : 'Correct the dependencies in the metadata, or add the requirement under requirements in pypackage.json',
  });
}

/**
 * What was to be installed and is nowhere: a build requirement, or a package of the distribution.
 *
 * @param placeOf where the project asks for it: `build` in `[build-system]`, else in pypackage.json
 */
export function explainAbsent(
  logTail: readonly string[],
  step: RelatedPlace,
  placeOf: (name: string, build: boolean) => Place | undefined,
): UserError | undefined {
  const find = (pattern: RegExp): string | undefined => logTail.map((text) => pattern.exec(text)?.[1]).find((text) => text !== undefined);
  const requirement = find(/No matching distribution found for (.+?)\s*$/);
  if (requirement !== undefined) {
    const versions = find(/\(from versions: (?!none)([^)\s][^)]*)\)/);
    const name = /^[\w.-]+/.exec(requirement)?.[0] ?? requirement;
    return new UserError({
      kind: 'stage',
      code: 'build-requirement-missing',
      message:
        versions === undefined ? `The package index has no ${requirement}, which the build needs` : `No version of ${requirement} fits, which the build needs`,
      ...at(placeOf(name, true), step),
      ...(versions !== undefined && { why: `there are ${versions.split(', ').slice(-8).join(', ')}` }),
      fix: 'Check the name and the version in build-system.requires, and that PIP_INDEX_URL names the right index',
    });
  }
  const debian = find(/^E: (?:Unable to locate package|Package '?)\s*([^\s']+)/);
  if (debian === undefined) return undefined;
  const written = placeOf(debian, false);
  return new UserError({
    kind: 'stage',
    code: 'system-package-missing',
    message: `The distribution of the base image has no package ${debian}`,
    ...at(written, step),
    fix: written ? 'Correct its name under systemPackages in pypackage.json' : 'Use a base image whose distribution has it, with --base-image',
  });
}

const at = (place: Place | undefined, step: RelatedPlace): { readonly where: Place; readonly related?: readonly RelatedPlace[] } => {
  const { what: _what, ...where } = step;
  return place ? { where: place, related: [step] } : { where };
};
