import { normalizeName } from '../project/names.js';
import { comparePaths } from '../project/sources.js';
import type { LockedWheel } from './lock.js';

/**
 * Requirements for `pip install --no-index --no-deps --require-hashes -r`, sorted. A wheel that is installed by path and hash
 * leaves that hash in its direct_url.json (PEP 610), so an image can be compared with the lock.
 * @param prefix the folder that the wheels lie in where pip runs, absolute: `/wheelhouse`
 * @param pathOf where a wheel lies below it; its file name unless said otherwise
 */
export function installRequirements(
  wheels: readonly Pick<LockedWheel, 'name' | 'file' | 'sha256' | 'path'>[],
  prefix: string,
  pathOf: (wheel: Pick<LockedWheel, 'file' | 'path'>) => string = (wheel) => wheel.file,
): string {
  const folder = prefix.replace(/\/+$/, '');
  return [...wheels]
    .sort((a, b) => comparePaths(normalizeName(a.name), normalizeName(b.name)))
    .map((wheel) => {
      // A local version's "+" and an epoch's "!" stand in file names, and a URL escapes them.
      const location = `${folder}/${pathOf(wheel)}`.split('/').map(encodeURIComponent).join('/');
      return `${normalizeName(wheel.name)} @ file://${location} --hash=sha256:${wheel.sha256}\n`;
    })
    .join('');
}
