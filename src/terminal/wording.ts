/** The lines that a run and an error are told in; the same in a terminal and in a pipe. */
import type { ErrorReport, Place } from '../core/errors.js';
import { formatDuration } from '../core/format.js';
import { harmless } from '../core/harmless.js';
import type { RunEvent, RunFinished, RunStarted } from '../core/pipeline/events.js';
import type { Style } from './style.js';
import { pad, padStart } from './width.js';

type StageFinished = Extract<RunEvent, { readonly type: 'stage.finished' }>;

const STAGE_WIDTH = 10;
const SUMMARY_WIDTH = 16;
const DURATION_WIDTH = 12;
/** The longest state of a stage, `up to date`. */
const STATE_WIDTH = 10;

export function headline(event: RunStarted, style: Style): string {
  const { project, python, engine, facts } = event;
  const name = style.bold(harmless(project.version === undefined ? project.name : `${project.name} ${project.version}`));
  return [name, `Python ${python}`, ...facts.map((fact) => harmless(fact)), `engine ${engine}`].join(' · ');
}

/** The start of every line about a stage. */
export function stageColumn(stage: string): string {
  return `  ${pad(stage, STAGE_WIDTH)}`;
}

export interface StageLine {
  readonly stage: string;
  readonly summary: string;
  readonly paint?: (text: string) => string;
  /** Milliseconds. */
  readonly ms?: number;
  readonly detail?: string;
}

export function stageLine({ stage, summary, paint = (text) => text, ms, detail = '' }: StageLine): string {
  const start = stageColumn(stage);
  const end = detail === '' ? '' : `   ${harmless(detail)}`;
  if (ms !== undefined) return `${start}${paint(pad(harmless(summary), SUMMARY_WIDTH))}${padStart(formatDuration(ms), DURATION_WIDTH)}${end}`;
  return start + paint(end === '' ? harmless(summary) : pad(harmless(summary), STATE_WIDTH)) + end;
}

/** @param reason why the stage was run: told where it has nothing else to tell */
export function finishedLine({ stage, summary, ms, detail }: StageFinished, reason: string | undefined, { green }: Style): string {
  return stageLine({ stage, summary, paint: green, ms, detail: detail || (reason ?? '') });
}

/** `next` is the command that starts or runs what was made, where there is one. */
export function closing(event: RunFinished, next: string | undefined): string {
  const done = event.changed ? `Done in ${formatDuration(event.ms)}.` : `Up to date, nothing to do (${formatDuration(event.ms)}).`;
  if (event.release === undefined || next === undefined) return done;
  return `${done} ${event.release.serves ? 'Start' : 'Run'} it with: ${next}`;
}

/** An instruction of a Dockerfile as a person would tell it: without the mounts and other flags of RUN and COPY. */
export function stepLabel(name: string): string {
  return harmless(name.replace(/\s+/gu, ' '))
    .replace(/^\[stage-\d+ /u, '[')
    .replace(/^((?:\[[^\]]*\] )?(?:RUN|COPY|ADD)) (?:--[a-z-]+(?:=\S+)? )+/u, '$1 ');
}

export interface ErrorContext {
  readonly stage?: string | undefined;
  readonly step?: string | undefined;
  /** The complete log's file, as it is to be shown. */
  readonly log?: string | undefined;
  /** Show what is meant for the log only. */
  readonly detail?: boolean;
}

/** error, where, why, fix, log: one block, in which only the first word has a colour. */
export function errorBlock(report: ErrorReport, style: Style, context: ErrorContext = {}): string {
  const isDefect = report.kind === 'defect';
  const where = [context.stage, context.step && stepLabel(context.step), report.where && placeText(report.where)]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
  const why = report.why ?? (isDefect ? 'this is a fault of PyPackage, not of your project' : undefined);
  const fix = report.fix ?? (isDefect && context.detail !== true ? 'Run it again with --verbose, and report what it says' : undefined);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['where', where === '' ? undefined : where],
    ['why', why],
    ['fix', fix],
    ['log', context.log],
  ];
  const lines = [`${style.bold(style.red('error:'))} ${indented(report.message, 7)}`];
  for (const [name, text] of rows) if (text !== undefined) lines.push(`  ${pad(name, 7)}${indented(text, 9)}`);
  if (context.detail === true && report.detail !== undefined) lines.push(...report.detail.split('\n').map((line) => `  ${harmless(line)}`));
  return lines.join('\n');
}

export function placeText({ file, line, column }: Place): string {
  return [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':');
}

/** A text of several lines, with the later ones under the first; none of them can pass for the start of another row. */
function indented(text: string, columns: number): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => harmless(line))
    .join(`\n${' '.repeat(columns)}`);
}
