/** Files as they are called in our containers, as what they may be in the project's folder. Pure: whoever uses it looks which one is there. */
import { posix } from 'node:path';

/**
 * Relative, the likeliest first; empty for what is none of the project's. A wheel's files lie in `src/` as often as at the top.
 *
 * @param below where the project lies in its repository: a backend that asks Git is given all of that
 */
export function inProject(path: string, below = ''): readonly string[] {
  const found = candidates(posix.normalize(path.replaceAll('\\', '/')), below);
  return [...new Set(found)].filter((file) => file !== '' && !posix.isAbsolute(file) && !file.split('/').includes('..'));
}

function candidates(path: string, below: string): readonly string[] {
  const source = /^\/(?:src|application)\/(.*)$/.exec(path)?.[1];
  if (source !== undefined) return [...(below !== '' && source.startsWith(`${below}/`) ? [source.slice(below.length + 1)] : []), ...built(source)];
  const installed = /^\/appenv\/lib\/python3\.\d+\/site-packages\/(.*)$/.exec(path)?.[1];
  if (installed !== undefined) return [installed, `src/${installed}`];
  // Compilers are started in the top folder, or, by Meson and CMake, in one of their own below it.
  return posix.isAbsolute(path) ? [] : built(path.replace(/^(?:\.\.\/)+/, ''));
}

/** setuptools copies what it packages before it does. */
function built(path: string): readonly string[] {
  const copy = /^build\/(?:lib|bdist|temp)[^/]*\/(?:wheel\/)?(.*)$/.exec(path)?.[1];
  return copy === undefined ? [path] : [copy, `src/${copy}`];
}
