/** Requirements files with hashes are a lock: pip installs nothing else from them. https://pip.pypa.io/en/stable/topics/secure-installs/ */
import type { LockedPackage } from './locked.js';
import { createMarkerTest } from './markers.js';
import { invalidLock, missingHash } from './problems.js';
import { FileChooser, fileNameOf, isUrl, isWheelFile, sortedPackages, withoutLogin, type Wanted } from './reading.js';
import type { RequirementLine, RequirementsFiles } from './requirements-file.js';

/** One hash is enough: pip then wants one for all. */
export function areHashed({ lines, requiresHashes }: RequirementsFiles): boolean {
  return requiresHashes || lines.some(({ hasHash }) => hasHash);
}

/** @throws UserError `lock-hash-missing`, `lock-invalid`, `lock-other-python`, `lock-other-platform` with the line */
export function readHashedRequirements({ lines }: RequirementsFiles, wanted: Wanted): readonly LockedPackage[] {
  const holds = createMarkerTest(wanted.environment);
  const chooser = new FileChooser(wanted.environment, 'requirements');
  const packages = new Map<string, LockedPackage>();
  for (const line of lines.filter(({ marker, place }) => holds(marker, place))) {
    const locked = lockedOf(line, chooser);
    const before = packages.get(locked.name);
    if (before && before.version !== locked.version) {
      throw invalidLock(
        line.place,
        `${line.name} is there twice, as ${before.version ?? 'any version'} (${before.place.file}, line ${before.place.line ?? '?'}) and as ${locked.version ?? 'any version'}`,
      );
    }
    packages.set(locked.name, locked);
  }
  return sortedPackages([...packages.values()]);
}

function lockedOf(line: RequirementLine, chooser: FileChooser): LockedPackage {
  const { name, place, sha256 } = line;
  const head = { name, place };
  if (line.kind === 'folder') return { ...head, kind: 'directory', version: undefined, path: line.path };
  const [hash] = sha256;
  if (line.kind === 'file') {
    if (hash === undefined) throw missingHash('requirements', place, name, 'The other requirements have hashes, and pip then wants one for all');
    return fileOf(head, { url: undefined, path: line.path, hash, subdirectory: undefined }, chooser);
  }
  const { url, specifiers } = line.requirement;
  const git = /^git\+(.*?)@([0-9a-f]{40})(?:#(.*))?$/i.exec(url ?? '');
  if (git) {
    const subdirectory = new URLSearchParams(git[3] ?? '').get('subdirectory') ?? undefined;
    return { ...head, kind: 'vcs', system: 'git', version: undefined, url: withoutLogin(git[1] ?? ''), commit: git[2] ?? '', subdirectory };
  }
  if (url?.startsWith('git+') === true) throw invalidLock(place, `${name} names no commit, and a branch or a tag may move`);
  if (hash === undefined) {
    const why = line.hasHash ? 'It has hashes of other algorithms only' : 'The other requirements have hashes, and pip then wants one for all';
    throw missingHash('requirements', place, name, why);
  }
  if (url !== undefined && isUrl(url)) {
    const subdirectory = new URLSearchParams(url.split('#')[1] ?? '').get('subdirectory') ?? undefined;
    return fileOf(head, { url: withoutLogin(url.replace(/#.*$/s, '')), path: undefined, hash, subdirectory }, chooser);
  }
  const [pin] = specifiers;
  const isPinned = specifiers.length === 1 && pin !== undefined && (pin.operator === '==' || pin.operator === '===') && !pin.prefix;
  if (!isPinned) throw invalidLock(place, `${name} has hashes, and no version pinned with ==`);
  return { ...head, kind: 'hashes', version: pin.text, sha256 };
}

function fileOf(
  { name, place }: Pick<RequirementLine, 'name' | 'place'>,
  {
    url,
    path,
    hash,
    subdirectory,
  }: { readonly url: string | undefined; readonly path: string | undefined; readonly hash: string; readonly subdirectory: string | undefined },
  chooser: FileChooser,
): LockedPackage {
  const file = fileNameOf(url ?? path ?? '');
  const isWheel = isWheelFile(file);
  const locked = { kind: isWheel ? ('wheel' as const) : ('archive' as const), file, url, path, sha256: hash, size: undefined, subdirectory };
  return chooser.choose({ name, version: undefined, place, wheels: isWheel ? [locked] : [], sdist: isWheel ? undefined : locked, index: undefined });
}
