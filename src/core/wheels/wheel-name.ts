/** Names of wheel files: https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention */
import { normalizeName } from '../project/names.js';
import { parseVersion } from '../project/specifiers.js';

export interface WheelName {
  readonly name: string;
  readonly normalizedName: string;
  readonly version: string;
  /** Breaks ties between builds of one version; undefined in nearly all. */
  readonly build: string | undefined;
  /** Expanded: `py2.py3-none-any` is two tags. */
  readonly tags: readonly string[];
}

/** undefined when it is no name of a wheel. */
export function parseWheelName(fileName: string): WheelName | undefined {
  const match =
    /^(?<name>[A-Za-z0-9](?:[\w.]*[A-Za-z0-9])?)-(?<version>[^-]+)(?:-(?<build>\d[^-]*))?-(?<python>[\w.]+)-(?<abi>[\w.]+)-(?<platform>[\w.]+)\.whl$/.exec(
      fileName,
    );
  const { name, version, build, python, abi, platform } = match?.groups ?? {};
  if (name === undefined || version === undefined || python === undefined || abi === undefined || platform === undefined) return undefined;
  // A local version's "-" was written as "_".
  const written = version.replaceAll('_', '-');
  if (!parseVersion(written)) return undefined;
  const tags = python.split('.').flatMap((first) => abi.split('.').flatMap((second) => platform.split('.').map((third) => `${first}-${second}-${third}`)));
  return { name, normalizedName: normalizeName(name), version: written, build, tags };
}
