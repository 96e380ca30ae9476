/** What compilers and build tools say when something of the system is missing, as what is missing. */
import { packageWithHeader, packageWithLibrary, packageWithModule, packageWithProgram } from './system-packages.js';

/** `module`: of pkg-config, CMake or Meson. `library`: what the linker calls `-lNAME`. `shared`: what the dynamic linker looks for. */
export interface Missing {
  readonly kind: 'header' | 'library' | 'module' | 'program' | 'shared';
  readonly name: string;
}

/** By what is surest: a tool that looked for something in vain may have gone on without it. */
const COMPLAINTS: readonly (readonly [Missing['kind'], RegExp])[] = [
  ['header', /fatal error: '?([^\s:']+\.(?:h|hpp|hh|hxx))'?(?:: No such file| file not found)/],
  ['library', /cannot find -l([\w.+-]+)/],
  ['module', /Dependency "([\w.+-]+)" not found/],
  ['module', /package configuration file provided by "([\w.+-]+)"/],
  ['module', /PackageNotFoundError: ([\w.+-]+) not found/],
  ['module', /pkg-config --exists ([\w.+-]+)' returned non-zero/],
  ['module', /No package '([\w.+-]+)' found/],
  ['module', /Package '?([\w.+-]+)'?(?:, required by '[^']+',)? was not found/],
  ['program', /(pg_config|mysql_config|mariadb_config|[a-z0-9]+-config|cmake|cargo|rustc|gfortran|swig|protoc)(?: executable)?(?:: command)? not found/i],
  ['program', /(?:^|\s)(?:\/bin\/)?(?:ba)?sh: (?:line )?(?:\d+: )?([\w.+-]+): (?:command )?not found/],
  ['program', /Program '([\w.+-]+)' not found or not executable/],
  ['program', /No such file or directory: '([a-z][\w+-]*)'\s*$/],
  ['program', /command '([\w.+-]+)' failed: No such file or directory/],
];

/** Whoever asks for Rust names it in words. */
const RUST = /can't find Rust compiler|Cargo, the Rust package manager, is not installed/;

/** @param find the first line that matches */
export function missingIn(find: (pattern: RegExp) => RegExpExecArray | undefined): Missing | undefined {
  for (const [kind, pattern] of COMPLAINTS) {
    const name = find(pattern)?.[1];
    if (name !== undefined) return { kind, name: kind === 'program' ? name.toLowerCase() : name };
  }
  const sought = find(/CMake Error/) && find(/Could NOT find ([\w+-]+)/)?.[1];
  if (sought !== undefined) return { kind: 'module', name: sought };
  return find(RUST) && { kind: 'program', name: 'cargo' };
}

/** What people know it by. */
export function shownMissing({ kind, name }: Missing): string {
  return kind === 'library' ? `lib${name}` : kind === 'module' && /^[a-z]/.test(name) ? `${name}.pc` : name;
}

/** From the table; undefined where it does not say, and Debian's index has to be asked. */
export function packageWith({ kind, name }: Missing): string | undefined {
  switch (kind) {
    case 'header':
      return packageWithHeader(name);
    case 'library':
      return packageWithLibrary(name);
    case 'module':
      return packageWithModule(name);
    case 'program':
      return packageWithProgram(name);
    case 'shared':
      return undefined;
  }
}
