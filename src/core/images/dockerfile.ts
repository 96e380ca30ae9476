/** Pieces of Dockerfile syntax. https://docs.docker.com/reference/dockerfile/ */

/** A recipe: the text, and the files that its bind mounts and COPY read. */
export interface Recipe {
  /** What errors and the editor call it: `Dockerfile.release`. */
  readonly name: string;
  readonly text: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The first line names it, so that what a person reads and what the engine reports lines of are the same text. */
export function recipe(name: string, instructions: readonly string[], files: Readonly<Record<string, string>>): Recipe {
  return { name, text: [`# ${name}, made by PyPackage Docker: a picture of what is built, not a file to edit.`, ...instructions, ''].join('\n'), files };
}

/** The exec form: no shell sees the words, so nothing splits or expands them. */
export function execForm(words: readonly string[]): string {
  return JSON.stringify(words);
}

/** `ENV NAME="value"`: backslash, quote and dollar would be interpreted. */
export function envLine(variables: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`);
  return `ENV ${pairs.join(' \\\n    ')}`;
}

/** A label that belongs to the content, and so to the recipe. */
export function labelLine(name: string, value: string): string {
  return `LABEL ${name}=${quoted(value)}`;
}

function quoted(value: string): string {
  return `"${value.replaceAll(/[\\"$]/g, (char) => `\\${char}`)}"`;
}

export interface RunInstruction {
  readonly mounts?: readonly string[];
  /** Each must succeed for the next to run. */
  readonly commands: readonly string[];
}

export function runLine({ mounts = [], commands }: RunInstruction): string {
  const lines = [...mounts.map((mount) => `--mount=${mount}`), commands.join(' \\\n && ')];
  return `RUN ${lines.join(' \\\n    ')}`;
}

export const MOUNT_ROOT = '/run/pypackage';

/** A file of the build context, seen by one RUN only. */
export function fileMount(file: string): string {
  return `type=bind,source=${file},target=${MOUNT_ROOT}/${file}`;
}

/** A folder of another image, seen by one RUN only: it adds no byte to a layer. */
export function imageMount(image: string, source: string, name: string): string {
  return `type=bind,from=${image},source=${source},target=${MOUNT_ROOT}/${name}`;
}

/**
 * The host's certificate authority, proxies and pip's index settings, where there are any: secrets of the session, in no layer and
 * no history. `network.sh` points the tools at them.
 */
export const NETWORK_MOUNTS: readonly string[] = [
  'type=secret,id=pypackage-ca',
  'type=secret,id=pypackage-pip-conf',
  'type=secret,id=pypackage-netrc',
  'type=secret,id=pypackage-proxies',
  'type=secret,id=pypackage-client-cert',
  'type=secret,id=pypackage-indexes',
  'type=secret,id=pypackage-index-front',
  fileMount('network.sh'),
];
export const USE_NETWORK = `. ${MOUNT_ROOT}/network.sh`;

export function aptMounts(distribution: string): readonly string[] {
  return ['/var/cache/apt', '/var/lib/apt/lists'].map(
    (target) => `type=cache,id=pypackage-apt-${distribution}-${target.split('/').at(-1) ?? ''},target=${target},sharing=locked`,
  );
}

export function aptInstall(packages: readonly string[]): readonly string[] {
  return ['apt-get -qq update', `DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends ${packages.join(' ')}`];
}
