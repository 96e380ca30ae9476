/** What the status bar says about a project. Pure: from facts to words. */
import * as l10n from '@vscode/l10n';
import { formatAgo, formatElapsed, formatSize } from '../core/format.js';
import type { StageStatus } from '../core/request.js';
import type { CommandId } from './commands/command-ids.js';
import { inEditorWords } from './editor-words.js';
import { elsewhereWords, placeWords } from './project-rows.js';
import { isRunning, type ProjectState, type RunElsewhere } from './project-state.js';
import { type RunState, runTime, type StageRow } from './run-state.js';

export interface StatusView {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly command: 'pypackage.build' | 'pypackage.showRunActions' | 'workbench.trust.manage';
  readonly accessibleLabel: string;
}

export function statusView(state: ProjectState, trusted: boolean, now: number): StatusView {
  const { known, name, elsewhere } = state;
  if (!trusted) {
    return view('shield', name, 'workbench.trust.manage', l10n.t('{0}: not trusted', name), [
      heading(name),
      l10n.t('Nothing runs in a folder that is not trusted: packaging executes the build scripts of the project and of its dependencies in containers.'),
      l10n.t('Click to decide about the trust of this folder.'),
    ]);
  }
  if (elsewhere && !isRunning(state)) return elsewhereView(state, elsewhere, now);
  if (known.kind === 'nothing') {
    return view('package', name, 'pypackage.build', l10n.t('{0}, not asked yet', name), [
      heading(name),
      l10n.t('Not asked yet: the engine has not been contacted in this window.'),
      ...urlLine(state),
      actions(state, l10n.t('Click to build'), 'checkStatus', 'showDockerfile', 'runDoctor'),
    ]);
  }
  if (known.kind === 'run') return runView(state, known.run, now);
  const { document, at, lastRun } = known;
  const stale = document.stages.filter((row) => row.state !== 'up to date');
  const words = stale.length === 0 ? l10n.t('up to date') : l10n.t('{0} stale', stale.length);
  const engine = `${document.engine.product} ${document.engine.version} (${document.engine.source})`;
  return view('package', stale.length === 0 ? name : `${name}: ${words}`, 'pypackage.build', `${name}, ${words}`, [
    heading(name, document.project.version, document.python.version),
    list(document.stages.map(statusLine)),
    list([
      ...(lastRun ? [lastRunLine(lastRun, now)] : []),
      `${l10n.t('Asked {0}', formatAgo(at, now))}${savedNote(state)}`,
      l10n.t('Engine: {0}', escapeMarkdown(engine)),
    ]),
    ...(document.release ? [releaseLine(document.release)] : []),
    ...urlLine(state),
    actions(state, l10n.t('Click to build'), 'checkStatus', ...logLink(state), 'showDockerfile'),
  ]);
}

function elsewhereView(state: ProjectState, elsewhere: RunElsewhere, now: number): StatusView {
  const words = l10n.t('{0}: running {1}', state.name, placeWords(elsewhere.where));
  return view('sync~spin', words, 'pypackage.showRunActions', words, [
    heading(state.name),
    escapeMarkdown(elsewhereWords(elsewhere, now)),
    actions(state, elsewhere.log === undefined ? l10n.t('Click to wait for it and build') : l10n.t('Click for its log'), ...logLink(state)),
  ]);
}

function runView(state: ProjectState, run: RunState, now: number): StatusView {
  const { name } = state;
  const engine = run.engine === undefined ? [] : [l10n.t('Engine: {0}', escapeMarkdown(run.engine))];
  const top = [heading(name, run.version, run.python), list(run.stages.map(runLine))];
  if (run.phase === 'running') {
    const stage = run.stage ?? l10n.t('starting');
    const time = formatElapsed(now - (run.stageStartedAt ?? run.startedAt));
    return view('sync~spin', `${name}: ${stage} ${time}`, 'pypackage.showRunActions', l10n.t('{0}, running: {1}', name, stage), [
      ...top,
      ...engine,
      actions(state, l10n.t('Click for the log or to cancel'), 'showOutput', 'cancel'),
    ]);
  }
  const when = formatAgo(run.endedAt ?? run.startedAt, now);
  if (run.phase === 'failed') {
    const failed = run.stage === undefined ? l10n.t('failed') : l10n.t('{0} failed', run.stage);
    const reason = escapeMarkdown(run.error?.message ?? l10n.t('see the log'));
    return view('error', `${name}: ${failed}`, 'pypackage.build', `${name}, ${failed}`, [
      ...top,
      list([`${l10n.t('Failed {0}: {1}', when, reason)}${savedNote(state)}`, ...engine]),
      ...(run.error?.fix === undefined ? [] : [l10n.t('Next step: {0}', escapeMarkdown(inEditorWords(run.error.fix)))]),
      ...urlLine(state),
      actions(state, l10n.t('Click to build again'), ...(run.error?.remedy ? (['fix'] as const) : []), ...logLink(state), 'showOutput', 'runDoctor'),
    ]);
  }
  const words =
    run.phase === 'cancelled'
      ? run.interrupted
        ? l10n.t('interrupted')
        : l10n.t('cancelled')
      : state.savedSince === undefined
        ? l10n.t('up to date')
        : l10n.t('saved since');
  return view('package', name, 'pypackage.build', `${name}, ${words}`, [
    ...top,
    list([`${lastRunLine(run, now)}${savedNote(state)}`, ...engine]),
    // A release that was just made is named in its own row.
    ...(run.release && !run.changed ? [releaseLine(run.release)] : []),
    ...urlLine(state),
    actions(state, l10n.t('Click to build'), 'checkStatus', ...logLink(state), 'showDockerfile'),
  ]);
}

/** Which of several projects the button means, and why that one. Where it is called like its folder, its name is in the button already. */
export function targetView(
  { name }: ProjectState,
  where: string,
  count: number,
  isPinned: boolean,
): { readonly text: string; readonly tooltip: string; readonly accessibleLabel: string } {
  const why = isPinned ? l10n.t('chosen for this workspace') : l10n.t('follows the active editor');
  return {
    text: `${isPinned ? '$(pinned)' : '$(eye)'} ${where === name ? l10n.t('{0} targets', count) : where}`,
    tooltip: [
      where === name ? heading(name) : `${heading(name)} ${escapeMarkdown(where)}`,
      isPinned ? l10n.t('Chosen for this workspace.') : l10n.t('Follows the active editor.'),
      l10n.t('Click to choose'),
    ].join('\n\n'),
    accessibleLabel: l10n.t('PyPackage target: {0} in {1}, one of {2}, {3}', name, where, count, why),
  };
}

function view(icon: string, text: string, command: StatusView['command'], accessibleLabel: string, paragraphs: readonly string[]): StatusView {
  return {
    text: `$(${icon}) ${text}`,
    tooltip: paragraphs.filter((paragraph) => paragraph !== '').join('\n\n'),
    command,
    accessibleLabel: l10n.t('PyPackage: {0}', accessibleLabel),
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
      return `$(error) ${l10n.t('{0}: failed', stage)}`;
    default:
      return state satisfies never;
  }
}

/** Of one that has ended. */
function lastRunLine(run: RunState, now: number): string {
  const when = formatAgo(run.endedAt ?? run.startedAt, now);
  if (run.phase === 'failed') return l10n.t('Failed {0}: {1}', when, escapeMarkdown(run.error?.message ?? l10n.t('see the log')));
  if (run.phase === 'cancelled') return run.interrupted ? l10n.t('Interrupted {0}', when) : l10n.t('Cancelled {0}', when);
  return l10n.t('Done {0}, in {1}', when, runTime(run));
}

const releaseLine = ({ image, size }: { readonly image: string; readonly size: number }): string =>
  l10n.t('Release: {0} · {1}', escapeMarkdown(image), formatSize(size));
const urlLine = ({ url, root }: ProjectState): readonly string[] =>
  url === undefined ? [] : [l10n.t('Running at {0}', `[${escapeMarkdown(url)}](${link('pypackage.openInBrowser', root)})`)];
const savedNote = ({ savedSince }: ProjectState): string => (savedSince === undefined ? '' : `; ${l10n.t('{0} was saved since', escapeMarkdown(savedSince))}`);
const logLink = ({ log, elsewhere }: ProjectState): readonly 'showLog'[] => (log === undefined && elsewhere?.log === undefined ? [] : ['showLog']);

/** The commands that the tooltip's links may run. */
export const LINKED = ['checkStatus', 'showLog', 'showOutput', 'showDockerfile', 'runDoctor', 'cancel', 'fix', 'openInBrowser'] as const;

function actions({ root }: ProjectState, click: string, ...names: readonly Exclude<(typeof LINKED)[number], 'openInBrowser'>[]): string {
  const titles = {
    checkStatus: l10n.t('Check status'),
    showLog: l10n.t('Show log'),
    showOutput: l10n.t('Show output'),
    showDockerfile: l10n.t('Show Dockerfile'),
    runDoctor: l10n.t('Run doctor'),
    cancel: l10n.t('Cancel'),
    fix: l10n.t('Add what is missing'),
  };
  return [`---\n\n${click}`, ...names.map((name) => `[${titles[name]}](${link(`pypackage.${name}`, root)})`)].join(' · ');
}

/** The tooltip is that of one project: its links mean no other. */
function link(command: CommandId, root: string): string {
  const argument = encodeURIComponent(JSON.stringify([root]))
    .replaceAll('(', '%28')
    .replaceAll(')', '%29');
  return `command:${command}?${argument}`;
}

/** Names come from a repository: they must not become links or pictures in a tooltip that may run commands. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+\-!|~$&]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}
