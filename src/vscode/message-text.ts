/** The sentences of notifications. Pure. */
import * as l10n from '@vscode/l10n';
import type { ErrorReport } from '../core/errors.js';
import { formatDuration, formatSize } from '../core/format.js';
import { inEditorWords } from './editor-words.js';
import type { RunState } from './run-state.js';

/** `polls 1.4.0 is ready (168 MB, 1.7 s), tagged 1.4.0, a1b2c3d and latest.` */
export function readyText(name: string, run: RunState): string {
  const { release } = run;
  const time = formatDuration(run.ms ?? 0);
  if (!release) return l10n.t('{0} is done ({1}).', name, time);
  const what = [release.name, release.version].filter(Boolean).join(' ');
  const tags = joinWords(release.tags.map((tag) => tag.slice(tag.lastIndexOf(':') + 1)));
  return tags === ''
    ? l10n.t('{0} is ready ({1}, {2}).', what, formatSize(release.size), time)
    : l10n.t('{0} is ready ({1}, {2}), tagged {3}.', what, formatSize(release.size), time, tags);
}

/** `polls: pylock.polls.toml · 8 packages, to be committed (4 s).` */
export function lockedText(name: string, run: RunState): string {
  const text =
    run.stages
      .find(({ stage }) => stage === 'wheels')
      ?.text.split(' · ')
      .slice(1)
      .join(' · ') ?? '';
  return l10n.t('{0}: {1}, to be committed ({2}).', name, text, formatDuration(run.ms ?? 0));
}

/** Of a next step that no button takes: longer ones are read in the output. */
const SHORT = 100;

/**
 * The cause in one line; why it is so, and long next steps, stand in the output and on the line.
 *
 * @param actions what the buttons do: a next step that one of them takes need not be read
 */
export function causeText(subject: string, error: ErrorReport, actions: readonly object[]): string {
  if (error.kind === 'defect') return defectText(subject, error);
  const cause = `${subject}: ${withoutStop(firstLine(error.message))}${placeText(error)}.`;
  const { fix } = error;
  // A button shows the log.
  const isTaken = error.remedy !== undefined || fix?.startsWith('The log has ') === true || actions.some((action) => 'type' in action || 'replace' in action);
  if (fix === undefined || isTaken || fix.length > SHORT || fix.includes('\n')) return inEditorWords(cause);
  return inEditorWords(`${cause} ${sentence(fix)}`);
}

/** `Not selected: This user has no permission …. chosen by …. Join its group …`: all that is known, where there is room for it. */
export function failureText(subject: string, error: ErrorReport): string {
  if (error.kind === 'defect') return defectText(subject, error);
  const parts = [`${subject}: ${withoutStop(error.message)}${placeText(error)}.`];
  if (error.why !== undefined) parts.push(sentence(error.why));
  if (error.fix !== undefined) parts.push(sentence(error.fix));
  return inEditorWords(parts.join(' ').replace(/\s+/g, ' '));
}

function defectText(subject: string, { message }: ErrorReport): string {
  return l10n.t('{0} met a defect of PyPackage: {1} The output has the details.', subject, sentence(message));
}

function placeText({ where }: ErrorReport): string {
  return where?.line === undefined ? '' : ` ${l10n.t('({0}, line {1})', where.file, where.line)}`;
}

/** `a, b and c` */
export function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : l10n.t('{0} and {1}', words.slice(0, -1).join(', '), words.at(-1) ?? '');
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

const withoutStop = (text: string): string => text.trim().replace(/\.$/, '');

function sentence(text: string): string {
  const trimmed = text.trim();
  const whole = /[.:?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  // A command or a file name keeps its case.
  return /^(pypackage|sudo|docker|[a-z]+[./_-]\S*)(?=[\s.])/.test(whole) ? whole : whole.charAt(0).toUpperCase() + whole.slice(1);
}
