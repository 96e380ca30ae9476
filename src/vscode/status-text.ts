/** What the status bar says about a project. Pure: from facts to words. */
import { formatAgo, formatElapsed, formatSize } from '../core/format.js';
import type { StageStatus } from '../core/request.js';
import { inEditorWords } from './editor-words.js';
import type { ProjectState } from './project-state.js';
import { type RunState, runTime, type StageRow } from './run-state.js';

export interface StatusView {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly command: 'pypackage.build' | 'pypackage.showRunActions' | 'workbench.trust.manage';
  readonly accessibleLabel: string;
}

export function statusView(state: ProjectState, trusted: boolean, now: number): StatusView {
  if (!trusted) {
    return view('shield', state.name, 'workbench.trust.manage', `${state.name}: not trusted`, [
      heading(state.name),
      'Nothing runs in a folder that is not trusted: packaging executes the build scripts of the project and of its dependencies in containers.',
      'Click to decide about the trust of this folder.',
    ]);
  }
  const { known } = state;
  if (known.kind === 'nothing') {
    return view('package', state.name, 'pypackage.build', `${state.name}, not asked yet`, [
      heading(state.name),
      'Not asked yet: the engine has not been contacted in this window.',
      actions('Click to build', 'checkStatus', 'showDockerfile', 'runDoctor'),
    ]);
  }
  if (known.kind === 'run') return runView(state, known.run, now);
  const { document, at } = known;
  const stale = document.stages.filter((row) => row.state !== 'up to date');
  const words = stale.length === 0 ? 'up to date' : `${stale.length} stale`;
  return view('package', stale.length === 0 ? state.name : `${state.name}: ${words}`, 'pypackage.build', `${state.name}, ${words}`, [
    heading(state.name, document.project.version, document.python.version),
    list(document.stages.map(statusLine)),
    `Asked ${formatAgo(at, now)}${savedNote(state)}  \nEngine: ${escapeMarkdown(`${document.engine.product} ${document.engine.version} (${document.engine.source})`)}`,
    ...(document.release ? [releaseLine(document.release)] : []),
    ...urlLine(state),
    actions('Click to build', 'checkStatus', 'showLog', 'showDockerfile'),
  ]);
}

function runView(state: ProjectState, run: RunState, now: number): StatusView {
  const engine = run.engine === undefined ? '' : `  \nEngine: ${escapeMarkdown(run.engine)}`;
  const top = [heading(state.name, run.version, run.python), list(run.stages.map(runLine))];
  if (run.phase === 'running') {
    const stage = run.stage ?? 'starting';
    const time = formatElapsed(now - (run.stageStartedAt ?? run.startedAt));
    return view('sync~spin', `${state.name}: ${stage} ${time}`, 'pypackage.showRunActions', `${state.name}, running: ${stage}`, [
      ...top,
      ...(run.engine === undefined ? [] : [`Engine: ${escapeMarkdown(run.engine)}`]),
      actions('Click for the log or to cancel', 'showOutput', 'cancel'),
    ]);
  }
  const when = formatAgo(run.endedAt ?? run.startedAt, now);
  if (run.phase === 'failed') {
    const failed = run.stage === undefined ? 'failed' : `${run.stage} failed`;
    return view('error', `${state.name}: ${failed}`, 'pypackage.build', `${state.name}, ${failed}`, [
      ...top,
      `Failed ${when}: ${escapeMarkdown(run.error?.message ?? 'see the log')}${savedNote(state)}${engine}`,
      ...(run.error?.fix === undefined ? [] : [`Next step: ${escapeMarkdown(inEditorWords(run.error.fix))}`]),
      ...urlLine(state),
      actions('Click to build again', 'showLog', 'showOutput', 'runDoctor'),
    ]);
  }
  const outcome = run.phase === 'cancelled' ? `Cancelled ${when}` : `Done ${when}, in ${runTime(run)}`;
  return view('package', state.name, 'pypackage.build', run.phase === 'done' ? `${state.name}, up to date` : state.name, [
    ...top,
    `${outcome}${savedNote(state)}${engine}`,
    // A release that was just made is named in its own row.
    ...(run.release && !run.changed ? [releaseLine(run.release)] : []),
    ...urlLine(state),
    actions('Click to build', 'checkStatus', 'showLog', 'showDockerfile'),
  ]);
}

function view(icon: string, text: string, command: StatusView['command'], accessibleLabel: string, paragraphs: readonly string[]): StatusView {
  return {
    text: `$(${icon}) ${text}`,
    tooltip: paragraphs.filter((paragraph) => paragraph !== '').join('\n\n'),
    command,
    accessibleLabel: `PyPackage: ${accessibleLabel}`,
  };
}

function heading(name: string, version?: string, python?: string): string {
  const facts = [...(version === undefined ? [] : [version]), ...(python === undefined ? [] : [`Python ${python}`])];
  return `**${escapeMarkdown(name)}**${facts.length === 0 ? '' : ` ${escapeMarkdown(facts.join(' · '))}`}`;
}

const list = (lines: readonly string[]): string => lines.join('  \n');

function statusLine({ stage, state, reason }: StageStatus): string {
  return `$(${state === 'up to date' ? 'check' : state === 'stale' ? 'circle-slash' : 'circle-outline'}) ${stage}: ${state}${reason === '' || reason === state ? '' : `, ${escapeMarkdown(reason)}`}`;
}

function runLine({ stage, state, text }: StageRow): string {
  switch (state) {
    case 'waiting':
      return `$(circle-outline) ${stage}`;
    case 'running':
      return `$(sync) ${stage}: ${escapeMarkdown(text)}`;
    case 'up to date':
    case 'done':
      return `$(check) ${stage}: ${escapeMarkdown(text)}`;
    case 'failed':
      return `$(error) ${stage}: failed`;
    default:
      return state satisfies never;
  }
}

const releaseLine = ({ image, size }: { readonly image: string; readonly size: number }): string => `Release: ${escapeMarkdown(image)} · ${formatSize(size)}`;
const urlLine = ({ url }: ProjectState): readonly string[] =>
  url === undefined ? [] : [`Running at [${escapeMarkdown(url)}](command:pypackage.openInBrowser)`];
const savedNote = ({ savedSince }: ProjectState): string => (savedSince === undefined ? '' : `; ${escapeMarkdown(savedSince)} was saved since`);

const ACTIONS = {
  checkStatus: 'Check status',
  showLog: 'Show log',
  showOutput: 'Show output',
  showDockerfile: 'Show Dockerfile',
  runDoctor: 'Run doctor',
  cancel: 'Cancel',
} as const;

function actions(click: string, ...names: readonly (keyof typeof ACTIONS)[]): string {
  return [`---\n\n${click}`, ...names.map((name) => `[${ACTIONS[name]}](command:pypackage.${name})`)].join(' · ');
}

/** Names come from a repository: they must not become links or pictures in a tooltip that may run commands. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+\-!|~$&]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}
