/** pylock.toml (PEP 751): our one internal form of a lock. */
export interface LockedWheel {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** Relative to the lock's folder, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** What it was built from or downloaded as, when known. */
  readonly origin?: { readonly url: string; readonly sha256: string; readonly kind: 'wheel' | 'sdist' };
  readonly role: 'application' | 'dependency';
}

export interface WheelhouseLock {
  /** `3.13` */
  readonly python: string;
  readonly extras: readonly string[];
  readonly wheels: readonly LockedWheel[];
  /** Our fingerprints of the two wheel images. */
  readonly fingerprints: { readonly application: string; readonly dependencies: string };
}
// export function writeLock(lock: WheelhouseLock): string        deterministic; `[tool.pypackage]` holds what PEP 751 has no place for
// export function readLock(text: string, file: string): WheelhouseLock   UserError with line
// export interface ResolvedPackage { name, version, url, sha256, kind: 'wheel'|'sdist', marker? ...}
// export function readResolution(text, file): readonly ResolvedPackage[]  what `pip lock` wrote
