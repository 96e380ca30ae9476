/** Every flag of the command line, in one table: the parser, the help and docs/cli.md are made from it. */

export interface FlagSpec {
  readonly short?: string;
  /** What the value is called in the help; a flag without it takes no value. */
  readonly value?: string;
  readonly repeatable?: boolean;
  readonly text: string;
}

export const FLAGS = {
  project: { value: 'DIR', text: 'The folder of the application. Default: the current folder.' },
  target: { value: 'NAME', text: 'The target to work on. Default: the only one.' },
  config: { value: 'FILE', text: 'The configuration to read. Default: pypackage.json in the folder of the application, where there is one.' },
  'base-image': { value: 'REF', text: 'The Python image to build on. Default: $PYPACKAGE_BASE_IMAGE, else what suits the Python version of the project.' },
  namespace: { value: 'NS', text: 'First part of the image names, such as a registry and an organisation. Default: local.' },
  engine: {
    value: 'URL|CONTEXT',
    text: 'The engine to use: an address (unix://, ssh://, tcp://), or the name of a Docker context. Default: as the docker command finds it.',
  },
  json: { text: 'Print events, one JSON object a line; verbs that only ask print one JSON document.' },
  'log-dir': { value: 'DIR', text: 'Where complete logs go. Default: $XDG_STATE_HOME/pypackage/logs, else ~/.local/state/pypackage/logs.' },
  'no-wait': { text: 'End with exit code 5 when another run works on the same target, instead of waiting for it.' },
  pull: { text: 'Ask the registry for the base image even when one is there.' },
  offline: { text: 'Ask nothing over the network: dependencies come from the last export in target/ and from the folders that PIP_FIND_LINKS names.' },
  yes: { text: 'Do not ask before removing.' },
  'dry-run': { text: 'Say what would be done and why; make nothing.' },
  verbose: { text: 'Show log lines in the terminal while they come, and the details of a fault.' },
  help: { short: 'h', text: 'Show the help of a verb.' },
  version: { text: 'Show the version.' },
  extra: { value: 'NAME', repeatable: true, text: 'An extra of the project to include. Can be given several times.' },
  group: { value: 'NAME', repeatable: true, text: 'A dependency group of the project to include (PEP 735). Can be given several times.' },
  upgrade: { text: 'Resolve anew: all packages, or the ones that are named behind it.' },
  port: { value: 'N', text: 'The port on this machine; 0 for any free one. Default: 8000, or a free one where that is taken.' },
  follow: { short: 'f', text: 'Go on showing lines as they come.' },
  tail: { value: 'N', text: 'Show the last N lines only.' },
} as const satisfies Readonly<Record<string, FlagSpec>>;

export type FlagName = keyof typeof FLAGS;

export const COMMON_FLAGS = [
  'project',
  'target',
  'config',
  'base-image',
  'namespace',
  'engine',
  'json',
  'log-dir',
  'no-wait',
  'pull',
  'offline',
  'yes',
  'dry-run',
  'verbose',
  'help',
  'version',
] as const satisfies readonly FlagName[];

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

export function flagSpec(name: FlagName): FlagSpec {
  return FLAGS[name];
}

/** `-h, --help`, `--project DIR`. */
export function flagUsage(name: FlagName): string {
  const { short, value } = flagSpec(name);
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}
