/**
 * Every command: what it does, what it takes, when the palette offers it, its keys, what it gives back. package.json and
 * docs/commands.md say the same (tests hold them to it), and what arrives is parsed by it. Its title is `command.NAME` of
 * package.nls.json. Pure.
 */
import { STAGES } from '../../core/pipeline/events.js';
import { RECIPES } from '../../protocol/recipes.js';
import type { CommandId } from './command-ids.js';
import { flag, listOf, oneOf, oneOfOrWords, type Parameter, text } from './parameters.js';

export interface CommandSpec {
  readonly about: string;
  /** Beside `project` and `target`. */
  readonly takes: readonly Parameter<unknown>[];
  /** When the palette offers it; `always`, or a `when` clause. */
  readonly offered: string;
  /** What has to be so besides, for it to be enabled where it is offered. */
  readonly enabled?: string;
  readonly keys?: Keys;
  /** What `executeCommand` resolves with; undefined always stands for: a person chose nothing, or an error was shown. */
  readonly returns?: string;
}

interface Keys {
  readonly key: string;
  readonly mac: string;
  readonly when: string;
  /** Of keys in a view: its selection is what is meant. */
  readonly args?: { readonly selectedIn: string };
}

/** Keys that mean the selected rows of a view, while it has the focus. */
const inView = (view: string, key: string, mac: string): Keys => ({
  key,
  mac,
  when: `focusedView == ${view} && listFocus && !inputFocus`,
  args: { selectedIn: view },
});

const TRUSTED = 'isWorkspaceTrusted';
const PROJECT = 'pypackage.hasProject';
const RUN_RESULT =
  '`{ outcome: "done" | "failed" | "cancelled", ms, changed, stage?, error?: { code, message, fix? }, log?, release?: { image, tags }, lock? }`; undefined when the project was running already and the person was asked what to do with the run';

/** What verbs ask the call for. */
export const ARGUMENTS = {
  stages: listOf('stages', STAGES, 'The stages that are wanted; what they need is added. All of them unless given.'),
  force: flag('force', 'Makes the wanted stages although they are up to date.'),
  upgrade: oneOfOrWords('upgrade', ['all', 'nothing'], 'What is resolved anew: everything, nothing that is locked, or the packages of these names.'),
  command: text('command', 'For the shell of the builder, in a copy of the project. It leaves wheels in `$WHEELHOUSE`.'),
  image: oneOf('image', RECIPES, 'Which one.'),
  engine: text('engine', "A URL, or the name of a Docker context; it is asked before it is stored. `'automatic'`: found anew for each run."),
  ofImage: text('image', 'Its id, or one of its names.'),
  reference: text('reference', 'A name with its tag: `registry.example.com/team/name:tag`.'),
  container: text('container', 'A container of PyPackage, by its id or name; of a view, its selected rows.'),
  inContainer: text('command', "For the container's `sh -c`. Asked for unless given."),
  wheel: text('wheel', 'The absolute path of a wheel file.'),
  follow: flag('follow', 'True: follow the active editor.'),
};

export const COMMAND_SPECS: Readonly<Record<CommandId, CommandSpec>> = {
  'pypackage.build': {
    about: 'Makes everything that is not up to date: images, wheels, release. While the project is running it asks what to do with the run.',
    takes: [ARGUMENTS.stages, ARGUMENTS.force],
    offered: 'always',
    enabled: TRUSTED,
    keys: { key: 'ctrl+k b', mac: 'cmd+k b', when: `${PROJECT} && ${TRUSTED}` },
    returns: RUN_RESULT,
  },
  'pypackage.cancel': {
    about: 'Cancels the run of the project. Of several runs it asks which one. The last release stays as it was.',
    takes: [],
    offered: 'pypackage.running',
    enabled: 'pypackage.running',
    keys: { key: 'ctrl+k x', mac: 'cmd+k x', when: 'pypackage.running' },
    returns: '`string[]`: the roots of the projects whose run was cancelled',
  },
  'pypackage.lock': {
    about: 'Writes the lock of the dependencies, to be committed. Asks what may change.',
    takes: [ARGUMENTS.upgrade],
    offered: PROJECT,
    enabled: TRUSTED,
    returns: RUN_RESULT,
  },
  'pypackage.fix': {
    about: 'Adds to pypackage.json what the last failed run lacked, and builds again.',
    takes: [],
    // What another window's run left is known to the core only: hidden once a run of this window has left nothing.
    offered: `${PROJECT} && pypackage.hasRemedy || ${PROJECT} && !pypackage.hasRun`,
    enabled: TRUSTED,
    returns: RUN_RESULT,
  },
  'pypackage.buildWheels': {
    about: 'Builds the wheels with a command of your own in place of the build backend. Asks for the command.',
    takes: [ARGUMENTS.command],
    offered: PROJECT,
    enabled: TRUSTED,
    returns: RUN_RESULT,
  },
  'pypackage.start': {
    about: 'Starts the last release, waits until it answers, and offers its address.',
    takes: [],
    // Also where it is known to run: it may have been stopped elsewhere, and the answer says that it runs.
    offered: PROJECT,
    enabled: TRUSTED,
  },
  'pypackage.stop': {
    about: 'Stops the started release.',
    takes: [],
    offered: `${PROJECT} && !pypackage.releaseStopped`,
    enabled: TRUSTED,
  },
  'pypackage.openInBrowser': {
    about: 'Opens the started release in the browser.',
    takes: [],
    offered: `${PROJECT} && !pypackage.releaseStopped`,
    enabled: TRUSTED,
  },
  'pypackage.openShell': {
    about: 'Opens a shell in the started release, or in a container of the last release where none is started. Closing its terminal ends what runs in it.',
    takes: [],
    offered: PROJECT,
    enabled: TRUSTED,
  },
  'pypackage.followLogs': {
    about: 'Follows what the started release writes, in a terminal; a restart and the next start, too.',
    takes: [],
    offered: PROJECT,
    enabled: TRUSTED,
  },
  'pypackage.showLog': {
    about: 'Opens the complete log of the last run. Of several it asks which one.',
    takes: [],
    offered: 'pypackage.hasLog',
    keys: { key: 'ctrl+k l', mac: 'cmd+k l', when: `${PROJECT} && ${TRUSTED}` },
    returns: '`string`: the path of the log',
  },
  'pypackage.showOutput': {
    about: 'Shows the output channel.',
    takes: [],
    offered: 'always',
  },
  'pypackage.showDockerfile': {
    about: 'Opens a generated Dockerfile as the next run would use it, read-only. Asks which image.',
    takes: [ARGUMENTS.image],
    offered: PROJECT,
    enabled: TRUSTED,
  },
  'pypackage.checkStatus': {
    about: 'Asks the engine what is up to date, what is stale and why. Makes nothing.',
    takes: [],
    offered: PROJECT,
    enabled: TRUSTED,
    returns: 'The document that `pypackage status --json` prints',
  },
  'pypackage.runDoctor': {
    about: 'Shows which engine is used and why, its version, and what is missing.',
    takes: [],
    offered: PROJECT,
    enabled: TRUSTED,
    returns: 'The document that `pypackage doctor --json` prints',
  },
  'pypackage.copyDiagnostics': {
    about: 'Copies versions, engine, settings, projects and the last error with the end of its log, as Markdown for an issue. Without passwords.',
    takes: [],
    offered: 'always',
    returns: '`string`: what was copied',
  },
  'pypackage.selectEngine': {
    about: 'Chooses the engine for all projects of this machine. Lists what there is and what each answers.',
    takes: [ARGUMENTS.engine],
    offered: 'always',
    returns: '`string`: what was stored; empty where it is found anew for each run',
  },
  'pypackage.selectTarget': {
    about:
      'Chooses the project that the status bar and the commands mean; it stays until you choose to follow the active editor again. Remembered for the workspace.',
    takes: [ARGUMENTS.follow],
    offered: 'pypackage.severalProjects',
    returns: '`string`: the root of the project; empty where the active editor is followed',
  },
  'pypackage.openWheel': {
    about: 'Shows what is in a wheel: metadata, requirements, entry points, files. Asks which file.',
    takes: [ARGUMENTS.wheel],
    offered: 'always',
    returns: '`string[]`: the paths of what was opened',
  },
  'pypackage.revealWheel': {
    about: 'Shows a wheel in the Explorer.',
    takes: [ARGUMENTS.wheel],
    offered: 'false',
  },
  'pypackage.copyWheelRequirement': {
    about: 'Copies `name==version` of a wheel, or a line for each of the selected ones.',
    takes: [ARGUMENTS.wheel],
    offered: 'false',
    returns: '`string`: what was copied',
  },
  'pypackage.copyWheelHash': {
    about: 'Copies `sha256:…` of a wheel, or a line for each of the selected ones.',
    takes: [ARGUMENTS.wheel],
    offered: 'false',
    returns: '`string`: what was copied',
  },
  'pypackage.verifyWheels': {
    about: 'Reads the exported wheels, and compares them with their lock and each file in them with its RECORD. Without a wheel: all of the project.',
    takes: [ARGUMENTS.wheel],
    offered: PROJECT,
    enabled: TRUSTED,
    returns:
      '`{ path, state: "as locked" | "other" | "missing" | "unlisted" | "damaged", files: string[] }[]`: `files` are those in it that RECORD says otherwise',
  },
  'pypackage.deleteWheels': {
    about: 'Deletes exported wheels, after it has asked. What the engine keeps stays, and the next build exports them again.',
    takes: [ARGUMENTS.wheel],
    offered: 'false',
    enabled: TRUSTED,
    keys: inView('pypackage.wheels', 'delete', 'cmd+backspace'),
    returns: '`string[]`: the paths of what was deleted',
  },
  'pypackage.showRunActions': {
    about: 'Asks what to do with a run that is at work: its output, its log, cancel. What a click on the status bar does meanwhile.',
    takes: [],
    offered: 'false',
    enabled: 'pypackage.running || pypackage.runningElsewhere',
  },
  'pypackage.runStage': {
    about: 'Makes one stage and what it needs. Asks which one.',
    takes: [ARGUMENTS.stages, ARGUMENTS.force],
    offered: PROJECT,
    enabled: TRUSTED,
    returns: RUN_RESULT,
  },
  'pypackage.refresh': {
    about: 'Looks for projects again, and asks the engine what of them is up to date. Shows nothing but the rows of the view Targets.',
    takes: [],
    offered: PROJECT,
    enabled: TRUSTED,
  },
  'pypackage.runImage': {
    about: 'Runs an image in a container of its own, in a terminal that goes with it. A release that serves gets a free port.',
    takes: [ARGUMENTS.ofImage],
    offered: 'false',
    enabled: TRUSTED,
  },
  'pypackage.openImageShell': {
    about: 'Opens a shell in a container of its own of an image. Closing its terminal removes the container.',
    takes: [ARGUMENTS.ofImage],
    offered: 'false',
    enabled: TRUSTED,
  },
  'pypackage.inspectImage': {
    about: 'Opens what the engine itself says of an image, as read-only JSON.',
    takes: [ARGUMENTS.ofImage],
    offered: 'false',
    enabled: TRUSTED,
  },
  'pypackage.tagImage': {
    about: 'Gives an image a further name. Asks for it, and before it takes the name from another image.',
    takes: [ARGUMENTS.ofImage, ARGUMENTS.reference],
    offered: 'false',
    enabled: TRUSTED,
    returns: '`string`: the name with its tag',
  },
  'pypackage.pushImage': {
    about: "Pushes an image under one of its names, with the credentials of Docker's own configuration. Asks which name.",
    takes: [ARGUMENTS.ofImage, ARGUMENTS.reference],
    offered: 'false',
    enabled: TRUSTED,
    returns: '`string`: the name',
  },
  'pypackage.copyImageName': {
    about: 'Copies the name of each selected image, or its id where it has none.',
    takes: [ARGUMENTS.ofImage],
    offered: 'false',
    returns: '`string[]`: what was copied',
  },
  'pypackage.compareReleases': {
    about: 'Shows which packages were added, removed and upgraded since the release before, and the size of both; or between two selected releases.',
    takes: [ARGUMENTS.ofImage],
    offered: 'false',
    enabled: TRUSTED,
    returns: '`{ before, after, added, removed, changed, same }`',
  },
  'pypackage.removeImages': {
    about:
      'Removes the selected images, after it has shown what goes and how much that frees. Of images that other projects named, too, only the names of this window.',
    takes: [ARGUMENTS.ofImage],
    offered: 'false',
    enabled: TRUSTED,
    keys: inView('pypackage.images', 'delete', 'cmd+backspace'),
    returns: '`number`: how many went',
  },
  'pypackage.showAllImages': {
    about: 'Shows all images of the engine in the view Images, also those of others. Remembered for the workspace.',
    takes: [],
    offered: `${PROJECT} && !pypackage.allImages`,
  },
  'pypackage.showOwnImages': {
    about: "Shows only this window's images in the view Images.",
    takes: [],
    offered: `${PROJECT} && pypackage.allImages`,
  },
  'pypackage.followContainerLogs': {
    about: 'Follows what a container writes, in a terminal, from its last 1,000 lines: over restarts, and where a new start takes its place in that.',
    takes: [ARGUMENTS.container],
    offered: 'false',
    enabled: TRUSTED,
  },
  'pypackage.openContainerShell': {
    about: 'Opens a shell in a container that runs. Closing its terminal ends what runs in it.',
    takes: [ARGUMENTS.container],
    offered: 'false',
    enabled: TRUSTED,
  },
  'pypackage.runInContainer': {
    about: 'Runs a command in a container that runs, in a terminal that stays until a key is pressed. Asks for the command.',
    takes: [ARGUMENTS.container, ARGUMENTS.inContainer],
    offered: 'false',
    enabled: TRUSTED,
  },
  'pypackage.startContainers': {
    about: 'Starts containers that were stopped.',
    takes: [ARGUMENTS.container],
    offered: 'false',
    enabled: TRUSTED,
    returns: '`string[]`: the names of those that were',
  },
  'pypackage.stopContainers': {
    about: 'Stops containers: they have ten seconds to end by themselves.',
    takes: [ARGUMENTS.container],
    offered: 'false',
    enabled: TRUSTED,
    returns: '`string[]`: the names of those that were',
  },
  'pypackage.restartContainers': {
    about: 'Stops containers and starts them again.',
    takes: [ARGUMENTS.container],
    offered: 'false',
    enabled: TRUSTED,
    returns: '`string[]`: the names of those that were',
  },
  'pypackage.removeContainers': {
    about: 'Removes containers. Says first which ones, which of them run, and what that frees; those that run go only where that is chosen.',
    takes: [ARGUMENTS.container],
    offered: 'false',
    enabled: TRUSTED,
    keys: inView('pypackage.containers', 'delete', 'cmd+backspace'),
    returns: '`string[]`: the names of those that were',
  },
  'pypackage.inspectContainer': {
    about: 'Opens what the engine itself says of a container, as read-only JSON.',
    takes: [ARGUMENTS.container],
    offered: 'false',
    enabled: TRUSTED,
  },
  'pypackage.openContainerInBrowser': {
    about: 'Opens the address of a container in the browser: of the port that releases serve on, or the first that it publishes.',
    takes: [ARGUMENTS.container],
    offered: 'false',
    enabled: TRUSTED,
    returns: '`string`: the address on this machine',
  },
};
