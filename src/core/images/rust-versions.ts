/**
 * The `rustc` that a distribution's own package brings. Debian: https://packages.debian.org/rustc,
 * Ubuntu: https://packages.ubuntu.com/rustc (with updates).
 */
const RUSTC: Readonly<Record<string, string>> = {
  'debian-11': '1.48',
  'debian-12': '1.63',
  'debian-13': '1.85',
  'ubuntu-22.04': '1.75',
  'ubuntu-24.04': '1.75',
};

/** The distributions whose images of Python are made by Docker, newest last. */
const SUITES: readonly (readonly [distribution: string, suite: string])[] = [
  ['debian-12', 'bookworm'],
  ['debian-13', 'trixie'],
];

/** `1.63`; undefined for a distribution that we do not know. @param distribution `debian-12` */
export function rustOf(distribution: string): string | undefined {
  return RUSTC[distribution];
}

/** The first suite of Debian whose Rust is not older. @param version `1.83.0` */
export function suiteWithRust(version: string): { readonly suite: string; readonly rust: string } | undefined {
  for (const [distribution, suite] of SUITES) {
    const rust = RUSTC[distribution] ?? '';
    if (!isOlder(rust, version)) return { suite, rust };
  }
  return undefined;
}

/** Compares major and minor only: distributions carry the last patch release. */
export function isOlder(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
