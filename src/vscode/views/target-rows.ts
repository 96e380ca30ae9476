/** The rows of the view Targets: a target, and its stages in their order. Pure. */
import * as l10n from '@vscode/l10n';
import { formatDuration, formatElapsed, formatSize } from '../../core/format.js';
import type { StageName } from '../../core/pipeline/events.js';
import type { StageStatus } from '../../core/request.js';
import { stateWords } from '../project-rows.js';
import { isBusy, isRunning, lastRunOf, logOf, type ProjectState } from '../project-state.js';
import type { RunState, StageRow } from '../run-state.js';
import { COLOUR, type TreeRow } from './tree-row.js';

/** What a row stands for; given to a command, it says what is meant (commands/parameters.ts). */
export type TargetElement =
  | { readonly row: 'target'; readonly project: string }
  | { readonly row: 'stage'; readonly project: string; readonly stages: readonly [StageName] };

/** @param where how it is told from others of its name; empty where it need not be */
export function targetRow(state: ProjectState, where: string, now: number): TreeRow {
  const facts = factsOf(state);
  const words = stateWords(state, now);
  return {
    id: `target:${state.root}`,
    label: state.name,
    description: [...facts, ...(where === '' || where === state.name ? [] : [where]), ...(isPlain(state) ? [] : [words])].join(' · '),
    icon: isBusy(state) ? 'sync~spin' : 'package',
    context: contextOf('target', state),
  };
}

export function stageRow(state: ProjectState, stage: StageName, now: number): TreeRow {
  return { id: `stage:${state.root}:${stage}`, label: stage, ...looksOf(state, stage, now), context: contextOf('stage', state) };
}

type Looks = Pick<TreeRow, 'description' | 'icon' | 'colour'>;

const UNKNOWN: Looks = { description: '', icon: 'circle-outline' };

function looksOf(state: ProjectState, stage: StageName, now: number): Looks {
  const { known, savedSince } = state;
  if (known.kind === 'nothing') return { ...UNKNOWN, description: state.elsewhere?.stage === stage ? l10n.t('running') : l10n.t('not asked yet') };
  if (known.kind === 'status') {
    const row = known.document.stages.find((row) => row.stage === stage);
    return row ? withNote(ofStatus(row, timeOf(lastRunOf(state), stage)), savedSince, stage) : UNKNOWN;
  }
  const row = known.run.stages.find((row) => row.stage === stage);
  if (!row) return { ...UNKNOWN, description: known.run.phase === 'running' ? '' : l10n.t('not asked for in the last run') };
  return withNote(ofRun(row, known.run, now), savedSince, stage);
}

function ofStatus({ stage, state, reason, artifact }: StageStatus, ms: number | undefined): Looks {
  switch (state) {
    case 'up to date':
      return {
        description: words(l10n.t('up to date'), ms === undefined ? '' : formatDuration(ms), ...artifactWords(stage, artifact)),
        icon: 'check',
        colour: COLOUR.good,
      };
    case 'stale':
      return { description: reason === '' || reason === state ? l10n.t('stale') : l10n.t('stale: {0}', reason), icon: 'circle-slash', colour: COLOUR.stale };
    case 'never run':
      return { description: l10n.t('never run'), icon: 'circle-outline' };
    case 'unknown':
      return { description: reason === '' || reason === state ? l10n.t('not known yet') : l10n.t('not known yet: {0}', reason), icon: 'circle-outline' };
    default:
      return state satisfies never;
  }
}

function ofRun({ stage, state, text, ms }: StageRow, run: RunState, now: number): Looks {
  const time = ms === undefined ? '' : formatDuration(ms);
  switch (state) {
    case 'waiting':
      return { description: run.phase === 'running' ? l10n.t('waiting') : l10n.t('not reached'), icon: 'circle-outline' };
    case 'running': {
      const elapsed = run.stage === stage && run.stageStartedAt !== undefined ? formatElapsed(now - run.stageStartedAt) : '';
      return { description: words(elapsed, run.step ?? text), icon: 'sync~spin', colour: COLOUR.busy };
    }
    case 'up to date':
      return { description: l10n.t('up to date'), icon: 'check', colour: COLOUR.good };
    case 'done':
      return { description: words(l10n.t('up to date'), time, text), icon: 'check', colour: COLOUR.good };
    case 'failed':
      return { description: words(l10n.t('failed'), time, text), icon: 'error', colour: COLOUR.bad };
    default:
      return state satisfies never;
  }
}

/** Base and builder are shared by projects: their names may be another's. */
function artifactWords(stage: StageName, artifact: StageStatus['artifact']): readonly string[] {
  if (!artifact) return [];
  return [...(stage === 'release' ? [artifact.name] : []), formatSize(artifact.size)];
}

/** What was saved since belongs into the wheel: whether it makes that stale, nobody has asked. */
function withNote(looks: Looks, savedSince: string | undefined, stage: StageName): Looks {
  if (savedSince === undefined || stage !== 'wheels' || looks.icon !== 'check') return looks;
  return { description: l10n.t('{0} was saved since', savedSince), icon: 'circle-slash', colour: COLOUR.stale };
}

function timeOf(run: RunState | undefined, stage: StageName): number | undefined {
  return run?.stages.find((row) => row.stage === stage)?.ms;
}

/** `1.4.0`, `Python 3.13`: as far as somebody said it. */
function factsOf({ known }: ProjectState): readonly string[] {
  const [version, python] =
    known.kind === 'status'
      ? [known.document.project.version, known.document.python.version]
      : known.kind === 'run'
        ? [known.run.version, known.run.python]
        : [undefined, undefined];
  return [...(version === undefined ? [] : [version]), ...(python === undefined ? [] : [`Python ${python}`])];
}

/** Whether its stages say all there is to say. */
function isPlain({ known, elsewhere }: ProjectState): boolean {
  return elsewhere === undefined && known.kind === 'status';
}

function contextOf(kind: string, state: ProjectState): string {
  const work = isRunning(state) ? 'running' : isBusy(state) ? 'elsewhere' : 'idle';
  return [kind, work, ...(logOf(state) === undefined ? [] : ['log'])].join(' ');
}

const words = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' · ');
