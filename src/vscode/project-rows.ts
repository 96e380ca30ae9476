/** A project's state in a few words: for lists that people pick from. Pure. */
import * as l10n from '@vscode/l10n';
import type { StageName } from '../core/pipeline/events.js';
import { formatAgo, formatElapsed } from '../core/format.js';
import type { ProjectState, RunElsewhere } from './project-state.js';
import { isBusy, isRunning } from './project-state.js';

export interface ProjectRow {
  /** Of a codicon; not in the label, where a screen reader would say it. */
  readonly icon: string;
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** @param where how it is told from others of its name */
export function projectRow(state: ProjectState, where: string, now: number): ProjectRow {
  return { icon: iconOf(state), label: state.name, description: where === state.name ? '' : where, detail: stateWords(state, now) };
}

/** `wheels failed 2 min ago`, `running: wheels 12 s`, `up to date, asked 5 min ago`, `not asked yet` */
export function stateWords(state: ProjectState, now: number): string {
  const { known, elsewhere, savedSince } = state;
  if (elsewhere && !isRunning(state)) return elsewhereWords(elsewhere, now);
  const saved = savedSince === undefined ? '' : `; ${l10n.t('{0} was saved since', savedSince)}`;
  switch (known.kind) {
    case 'nothing':
      return l10n.t('not asked yet');
    case 'status': {
      const stale = known.document.stages.filter((row) => row.state !== 'up to date');
      const words = stale.length === 0 ? l10n.t('up to date') : l10n.t('{0} stale', stale.map(({ stage }) => stage).join(', '));
      return `${l10n.t('{0}, asked {1}', words, formatAgo(known.at, now))}${saved}`;
    }
    case 'run': {
      const { run } = known;
      if (run.phase === 'running') {
        return l10n.t('running: {0} {1}', run.stage ?? l10n.t('starting'), formatElapsed(now - (run.stageStartedAt ?? run.startedAt)));
      }
      const when = formatAgo(run.endedAt ?? run.startedAt, now);
      if (run.phase === 'cancelled') return `${run.interrupted ? l10n.t('interrupted {0}', when) : l10n.t('cancelled {0}', when)}${saved}`;
      if (run.phase === 'failed') return `${run.stage === undefined ? l10n.t('failed {0}', when) : l10n.t('{0} failed {1}', run.stage, when)}${saved}`;
      return `${l10n.t('up to date, {0}', when)}${saved}`;
    }
    default:
      return known satisfies never;
  }
}

/** `running in another window` */
export function elsewhereWords({ where, stage, startedAt }: RunElsewhere, now: number): string {
  const time = formatElapsed(now - startedAt);
  const place = placeWords(where);
  return stage === undefined ? l10n.t('running {0}, {1}', place, time) : l10n.t('running {0}: {1}, {2}', place, stage, time);
}

export function placeWords(where: RunElsewhere['where']): string {
  switch (where) {
    case 'another window':
      return l10n.t('in another window');
    case 'the command line':
      return l10n.t('on the command line');
    case 'another machine':
      return l10n.t('on another machine');
    default:
      return where satisfies never;
  }
}

/** What is known of one stage; undefined: nothing. */
export function stageWords({ known }: ProjectState, stage: StageName, now: number): string | undefined {
  if (known.kind === 'nothing') return undefined;
  if (known.kind === 'status') {
    const row = known.document.stages.find((row) => row.stage === stage);
    if (!row) return undefined;
    const reason = row.reason === '' || row.reason === row.state ? '' : `: ${row.reason}`;
    return l10n.t('{0}, asked {1}', `${row.state}${reason}`, formatAgo(known.at, now));
  }
  const row = known.run.stages.find((row) => row.stage === stage);
  if (!row) return undefined;
  const when = formatAgo(known.run.endedAt ?? known.run.startedAt, now);
  switch (row.state) {
    case 'waiting':
      return undefined;
    case 'running':
      return l10n.t('running');
    case 'failed':
      return l10n.t('failed {0}', when);
    case 'up to date':
    case 'done':
      return l10n.t('up to date, {0}', when);
    default:
      return row.state satisfies never;
  }
}

function iconOf(state: ProjectState): string {
  const { known } = state;
  if (isBusy(state)) return 'sync';
  if (known.kind === 'run' && known.run.phase === 'failed') return 'error';
  if (known.kind === 'run' && known.run.phase === 'done') return 'check';
  if (known.kind === 'status') return known.document.stages.every((row) => row.state === 'up to date') ? 'check' : 'circle-slash';
  return 'package';
}
