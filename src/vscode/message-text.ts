/** The sentences of notifications. Pure. */
import type { ErrorReport } from '../core/errors.js';
import { formatDuration, formatSize } from '../core/format.js';
import { inEditorWords } from './editor-words.js';
import type { RunState } from './run-state.js';

/** `polls 1.4.0 is ready (168 MB, 1.7 s), tagged 1.4.0, a1b2c3d and latest.` */
export function readyText(name: string, run: RunState): string {
  const { release } = run;
  const time = formatDuration(run.ms ?? 0);
  if (!release) return `${name} is done (${time}).`;
  const tags = release.tags.map((tag) => tag.slice(tag.lastIndexOf(':') + 1));
  return `${[release.name, release.version].filter(Boolean).join(' ')} is ready (${formatSize(release.size)}, ${time})${tags.length === 0 ? '' : `, tagged ${joinWords(tags)}`}.`;
}

/** `polls: pylock.polls.toml · 8 packages, to be committed (4 s).` */
export function lockedText(name: string, run: RunState): string {
  const text =
    run.stages
      .find(({ stage }) => stage === 'wheels')
      ?.text.split(' · ')
      .slice(1)
      .join(' · ') ?? '';
  return `${name}: ${text}, to be committed (${formatDuration(run.ms ?? 0)}).`;
}

/** `wheels failed: mysqlclient 2.2.7 does not compile: mysql.h is missing. The builder image lacks …. Run …` */
export function failureText(subject: string, error: ErrorReport): string {
  if (error.kind === 'defect') return `${subject} met a defect of PyPackage: ${sentence(error.message)} The output has the details.`;
  const place = error.where?.line === undefined ? '' : ` (${error.where.file}, line ${error.where.line})`;
  const parts = [`${subject}: ${withoutStop(error.message)}${place}.`];
  if (error.why !== undefined) parts.push(sentence(error.why));
  if (error.fix !== undefined) parts.push(sentence(error.fix));
  return inEditorWords(parts.join(' ').replace(/\s+/g, ' '));
}

/** `a, b and c` */
export function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

const withoutStop = (text: string): string => text.trim().replace(/\.$/, '');

function sentence(text: string): string {
  const trimmed = text.trim();
  const whole = /[.:?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  // A command or a file name keeps its case.
  return /^(pypackage|sudo|docker|[a-z]+[./_-]\S*)(?=[\s.])/.test(whole) ? whole : whole.charAt(0).toUpperCase() + whole.slice(1);
}
