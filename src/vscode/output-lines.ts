/** The output channel's words for a run's events. Pure; the grammar in media/ colours these shapes. */
import type { ErrorReport } from '../core/errors.js';
import type { RunEvent } from '../core/pipeline/events.js';
import { formatDuration, formatSize } from '../core/format.js';
import { harmless } from '../core/harmless.js';
import { inEditorWords } from './editor-words.js';

/** `errorTold`: a stage has said already what the run failed of. */
export function linesOfEvent(event: RunEvent, errorTold = false): readonly string[] {
  switch (event.type) {
    case 'run.started': {
      const { name, version } = event.project;
      const facts = [version === undefined ? name : `${name} ${version}`, `Python ${event.python}`, ...event.facts, `engine ${event.engine}`];
      return ['', `■ ${facts.join(' · ')}`, ...(event.log === undefined ? [] : [`  log ${event.log}`]), ''];
    }
    case 'stage.started':
      return [`▸ ${event.stage}${event.reason === '' ? '' : `: ${event.reason}`}`];
    case 'step':
      return stepLines(event);
    case 'log':
      return [event.stream === 'note' ? `  note: ${harmless(event.text)}` : `    ${harmless(event.text)}`];
    case 'progress':
      return [];
    case 'artifact':
      return [`  → ${event.kind} ${event.name}${event.size === undefined ? '' : ` · ${formatSize(event.size)}`}`];
    case 'stage.skipped':
      return [`✓ ${event.stage}: ${event.reason}`];
    case 'stage.finished':
      return [`✓ ${event.stage}: ${[event.summary, formatDuration(event.ms), event.detail].filter((part) => part !== '').join(' · ')}`, ''];
    case 'stage.failed':
      return [`✗ ${event.stage} failed after ${formatDuration(event.ms)}`, ...linesOfError(event.error)];
    case 'run.finished':
      return runLines(event, errorTold);
    default:
      return event satisfies never;
  }
}

function stepLines({ name: text, state, ms }: Extract<RunEvent, { type: 'step' }>): readonly string[] {
  const name = harmless(text);
  const time = ms === undefined ? '' : ` · ${formatDuration(ms)}`;
  switch (state) {
    case 'started':
      return [`  · ${name}`];
    case 'cached':
      return [`  · ${name} · cached`];
    case 'done':
      // What took no time worth telling was announced already.
      return ms !== undefined && ms >= 500 ? [`  ✓ ${name}${time}`] : [];
    case 'failed':
      return [`  ✗ ${name}${time}`];
    default:
      return state satisfies never;
  }
}

function runLines({ outcome, changed, ms, error }: Extract<RunEvent, { type: 'run.finished' }>, errorTold: boolean): readonly string[] {
  switch (outcome) {
    case 'done':
      return ['', changed ? `■ Done in ${formatDuration(ms)}` : `■ Up to date, nothing to do (${formatDuration(ms)})`];
    case 'cancelled':
      return ['', `■ Cancelled after ${formatDuration(ms)}`];
    case 'failed':
      return ['', `■ Failed after ${formatDuration(ms)}`, ...(error && !errorTold ? linesOfError(error) : [])];
    default:
      return outcome satisfies never;
  }
}

export function linesOfError(error: ErrorReport): readonly string[] {
  const { where } = error;
  const place = where && [where.file, where.line, where.column].filter((part) => part !== undefined).join(':');
  return [
    `error: ${error.message}`,
    ...(place === undefined ? [] : [`  where  ${place}`]),
    ...(error.why === undefined ? [] : [`  why    ${indent(error.why)}`]),
    ...(error.fix === undefined ? [] : [`  fix    ${indent(error.fix)}`]),
  ];
}

const indent = (text: string): string => inEditorWords(text).split('\n').join('\n         ');
