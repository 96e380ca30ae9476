/** Every verb of the command line, in one table: the parser, the help and docs/cli.md are made from it. */
import type { FlagName } from './flags.js';

export interface VerbSpec {
  /** What follows the verb, besides the flags of every verb. */
  readonly operands: string;
  readonly summary: string;
  /** Paragraphs. */
  readonly about: readonly string[];
  /** Flags beside those of every verb. */
  readonly flags: readonly FlagName[];
  readonly examples: readonly { readonly command: string; readonly text: string }[];
  /** Of EXIT_CODES, besides 0, 2 and the signals. */
  readonly exits: readonly (1 | 3 | 5 | 125)[];
}

const EVERY_RUN = 'Stages that are up to date are skipped and say so. Nothing is started, and nothing of yours is removed.';

export const VERBS = {
  all: {
    operands: '',
    summary: 'Make everything that is not up to date: images, wheels, release.',
    about: [
      'Looks at the project, then makes what is missing or stale, in order: the base image, the builder image, the wheels with their lock, the release image.',
      EVERY_RUN,
    ],
    flags: ['extra', 'group'],
    examples: [
      { command: 'pypackage all', text: 'Package the application in the current folder.' },
      { command: 'pypackage all --project ~/code/polls --dry-run', text: 'Say what would be made, and why.' },
      { command: 'pypackage all --json | tee events.jsonl', text: 'One JSON event a line, for another program.' },
    ],
    exits: [1, 3, 5],
  },
  image: {
    operands: '[base|builder|release]',
    summary: 'Make one of the images, or all of them.',
    about: ['Makes the named image and what it needs; without a name, all images.', EVERY_RUN],
    flags: ['extra', 'group'],
    examples: [
      { command: 'pypackage image builder', text: 'The base and the builder image only.' },
      { command: 'pypackage image base --pull', text: 'Ask the registry whether the Python image has changed.' },
    ],
    exits: [1, 3, 5],
  },
  wheels: {
    operands: '[-- CMD…]',
    summary: 'Build the wheels of the application and its dependencies.',
    about: [
      'Builds the wheelhouse in the builder image: the application and every dependency as wheels, with a lock that names each by hash. It is exported to target/pypackage in the project.',
      'A command behind -- takes the place of the build backend: it runs in the builder, in a copy of the sources, and leaves the wheel of the application in the folder $WHEELHOUSE. Keep it under buildCommand in pypackage.json to use it in every run.',
      EVERY_RUN,
    ],
    flags: ['extra', 'group'],
    examples: [
      { command: 'pypackage wheels', text: 'Build what has changed.' },
      { command: 'pypackage wheels -- make wheels', text: 'Build with a command of yours.' },
      { command: 'pypackage wheels --extra postgres --extra sentry', text: 'Include two extras of the project.' },
    ],
    exits: [1, 3, 5],
  },
  release: {
    operands: '',
    summary: 'Make the release image and tag it.',
    about: [
      'Makes the release image from the wheels, and what it needs, and tags it with the version, the commit and latest. It does not run the tests of the application, and says so.',
      EVERY_RUN,
    ],
    flags: ['extra', 'group'],
    examples: [{ command: 'pypackage release --namespace registry.example.com/acme', text: 'Name the image for a registry.' }],
    exits: [1, 3, 5],
  },
  lock: {
    operands: '[NAME…]',
    summary: 'Write the lock of the dependencies, to be committed.',
    about: [
      'Writes pylock.TARGET.toml (PEP 751) into the folder of the application: every dependency and everything that building needs, with version and hash, for the Python and the platform of the base image. From then on all runs use exactly that.',
      'What is locked stays as it is, except for what the project does not allow any more. With --upgrade everything is resolved anew, with names behind it only these packages.',
      'A project with a lock of another tool (uv.lock, poetry.lock, pdm.lock) keeps it: the tool that wrote it changes it.',
    ],
    flags: ['extra', 'group', 'upgrade'],
    examples: [
      { command: 'pypackage lock', text: 'Write the lock, or bring it up to date with the project.' },
      { command: 'pypackage lock --upgrade', text: 'Take the newest versions that the project allows.' },
      { command: 'pypackage lock --upgrade django', text: 'Take the newest version of one package.' },
    ],
    exits: [1, 3, 5],
  },
  start: {
    operands: '',
    summary: 'Start the last release and print its address.',
    about: ['Starts the release image as a container that stays, waits until it is healthy, and prints where it answers. It makes nothing: run all first.'],
    flags: ['port'],
    examples: [
      { command: 'pypackage start', text: 'Start it on port 8000, or on a free one.' },
      { command: 'pypackage start --port 9000', text: 'Start it on port 9000.' },
    ],
    exits: [1, 3, 5],
  },
  stop: {
    operands: '',
    summary: 'Stop what start has started.',
    about: ['Stops and removes the containers that start has made for this target. Data stays. With nothing running it says so and ends with 0.'],
    flags: [],
    examples: [{ command: 'pypackage stop', text: 'Stop the release.' }],
    exits: [1, 3],
  },
  logs: {
    operands: '',
    summary: 'Show what the started release prints.',
    about: ['Prints the lines of the containers that start has made. With --json every line is one object.'],
    flags: ['follow', 'tail'],
    examples: [
      { command: 'pypackage logs --tail 20', text: 'The last 20 lines.' },
      { command: 'pypackage logs --follow', text: 'Show lines as they come; Ctrl+C ends it.' },
    ],
    exits: [1, 3],
  },
  run: {
    operands: '[PROCESS|CMD…]',
    summary: 'Run a command in a fresh container of the release.',
    about: [
      'Runs the command in a new container of the release image, on this terminal, and removes the container afterwards. Without a command it runs what the release runs. No port is published.',
      'Everything after the first word that is not a flag of pypackage is passed on as it is, flags included. Put -- before a command that begins with a dash.',
      'The exit code is that of the command; 125 means that pypackage could not run it.',
    ],
    flags: [],
    examples: [
      { command: 'pypackage run python -m django check', text: 'A command of the application.' },
      { command: 'pypackage run sh', text: 'Look around inside.' },
      { command: 'pypackage run ls -l --color', text: 'The flags go to ls.' },
    ],
    exits: [125],
  },
  status: {
    operands: '',
    summary: 'Show what is up to date, what is stale and why, and what runs.',
    about: ['Looks at the project and asks the engine. Makes nothing.'],
    flags: ['extra', 'group'],
    examples: [
      { command: 'pypackage status', text: 'For people.' },
      { command: 'pypackage status --json', text: 'For programs: one JSON document.' },
    ],
    exits: [1, 3],
  },
  clean: {
    operands: '',
    summary: 'Show what can be removed, ask, and remove it.',
    about: [
      'Removes what this target has made: images, containers, caches and the exported wheels. It lists everything first and asks; without a terminal it only lists, unless --yes is given.',
      'Only what pypackage has made is ever removed. What ended runs left behind is removed without asking. Data volumes stay.',
    ],
    flags: [],
    examples: [
      { command: 'pypackage clean', text: 'List and ask.' },
      { command: 'pypackage clean --yes', text: 'Remove without asking.' },
    ],
    exits: [1, 3],
  },
  fix: {
    operands: '',
    summary: 'Add to pypackage.json what the last run lacked.',
    about: [
      'A run that failed for want of a system package, such as the header of a library, names the Debian package that has it. This adds that package to pypackage.json, under systemPackages of the target. It makes nothing: run again afterwards.',
    ],
    flags: [],
    examples: [{ command: 'pypackage fix', text: 'Add what is missing.' }],
    exits: [],
  },
  doctor: {
    operands: '',
    summary: 'Show which engine is used and why, and what is missing.',
    about: [
      'Tries every place where an engine may listen, says what each answered, and checks what packaging needs. Ends with 3 where no usable engine answers.',
    ],
    flags: [],
    examples: [
      { command: 'pypackage doctor', text: 'Which engine, which version, what is missing.' },
      { command: 'pypackage doctor --engine ssh://build.example.com', text: 'Check another engine.' },
    ],
    exits: [3],
  },
  mcp: {
    operands: '',
    summary: 'Serve status, last failure and build to assistants.',
    about: [
      'Speaks the Model Context Protocol on standard input and output, for an assistant that starts it: pypackage_status tells what is stale and why, pypackage_last_failure how the last run failed, with the end of its log, and pypackage_build builds what is stale. It works in the folder that it was started for and in projects below it, and ends when the assistant closes its input.',
      'How to tell assistants of it: docs/assistants.md.',
    ],
    flags: [],
    examples: [{ command: 'pypackage mcp --project ~/code/polls', text: 'What an assistant is configured to start.' }],
    exits: [],
  },
  help: {
    operands: '[VERB]',
    summary: 'Show this help, or the help of a verb.',
    about: ['The same as --help.'],
    flags: [],
    examples: [{ command: 'pypackage help run', text: 'The help of run.' }],
    exits: [],
  },
} as const satisfies Readonly<Record<string, VerbSpec>>;

export type VerbName = keyof typeof VERBS;

export const VERB_NAMES = Object.keys(VERBS).filter(isVerbName);

export function isVerbName(name: string): name is VerbName {
  return Object.hasOwn(VERBS, name);
}

export function verbSpec(name: VerbName): VerbSpec {
  return VERBS[name];
}

/** What people type from habit, and what they are looking for. */
export const HABITS: ReadonlyMap<string, string> = new Map([
  ['build', 'There is no build; all makes what is not up to date: pypackage all'],
  ['make', 'There is no make; all makes what is not up to date: pypackage all'],
  ['exec', 'Run a command with: pypackage run CMD'],
  ['shell', 'Run a command with: pypackage run sh'],
  ['sh', 'Run a command with: pypackage run sh'],
  ['ps', 'See what runs with: pypackage status'],
  ['down', 'Stop what start has started with: pypackage stop'],
  ['prune', 'List what can be removed with: pypackage clean'],
  ['rm', 'List what can be removed with: pypackage clean'],
]);

export const EXIT_CODES = {
  0: 'done',
  1: 'a stage failed',
  2: 'wrong usage, or something in the project or its configuration',
  3: 'the engine',
  5: 'another run works on the same target (--no-wait)',
  125: 'pypackage could not run the command; any other code is that of the command',
  130: 'cancelled with Ctrl+C (SIGINT)',
  143: 'ended by SIGTERM',
} as const;
