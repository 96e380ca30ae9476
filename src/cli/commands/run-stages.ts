/** `all`, `image`, `wheels`, `release`: runs of the pipeline, and what they would do. */
import { type RunEvent, type StageName, STAGES } from '../../core/pipeline/events.js';
import { type ImageName, stagesOfVerb } from '../../core/pipeline/verb-stages.js';
import type { RunRequest, StageStatus, StatusDocument } from '../../core/request.js';
import { command, type Context, printDocument, printLines, shownPath } from '../context.js';
import { mayMove } from '../../terminal/style.js';
import { JsonView } from '../json-view.js';
import { LiveView } from '../../terminal/live-view.js';
import { PlainView } from '../../terminal/plain-view.js';
import type { RunView, ViewOptions } from '../../terminal/view.js';
import { stageLine } from '../../terminal/wording.js';
import { statusHeadline } from './status.js';

export type StagesVerb = RunRequest['verb'];

export interface StagesChoice {
  readonly image?: ImageName;
  readonly upgrade?: 'all' | readonly string[];
  /** Of `wheels`: in place of the build backend. */
  readonly buildCommand?: readonly string[];
}

export async function runStages(context: Context, verb: StagesVerb, { image, upgrade, buildCommand }: StagesChoice = {}): Promise<number> {
  const { core, flags, request, signal } = context;
  const stages = stagesOfVerb(verb, image);
  if (flags.dryRun) return await preview(context, stages);
  const view = viewOf(context, verb);
  context.atEnd(() => view.close());
  const stopListening = context.onCancelling(() => view.cancelling());
  try {
    const show = (event: RunEvent): Promise<void> | undefined => (context.isReaderGone() ? undefined : view.event(event));
    const outcome = await core.run(
      { ...request, stages, verb, ...(upgrade !== undefined && { upgrade }), ...(buildCommand && { buildCommand }) },
      show,
      signal,
    );
    return outcome.exitCode;
  } finally {
    stopListening();
    view.close();
  }
}

function viewOf({ io, flags, style }: Context, verb: StagesVerb): RunView {
  if (flags.json) return new JsonView(io.stdout);
  const options: ViewOptions = {
    verbose: flags.verbose,
    showPath: (path) => shownPath(path, io.home),
    ...(verb !== 'wheels' && verb !== 'lock' && { next: (serves: boolean) => command(serves ? 'start' : 'run', flags) }),
  };
  if (mayMove(io.env, io.stdout)) return new LiveView(io.stdout, io.stderr, style, { ...options, now: () => io.now() });
  return new PlainView(io.stdout, io.stderr, style, options);
}

interface Planned {
  readonly stage: StageName;
  readonly action: 'run' | 'skip' | 'unknown';
  readonly reason: string;
}

/** What a run would do, from what `status` knows. Stages need all those before them (see STAGES). */
export function planned(status: StatusDocument, stages: readonly StageName[]): readonly Planned[] {
  const last = Math.max(...stages.map((stage) => STAGES.indexOf(stage)));
  const needed = new Set(STAGES.slice(0, last + 1));
  return status.stages.filter(({ stage }) => needed.has(stage)).map(plannedStage);
}

function plannedStage({ stage, state, reason }: StageStatus): Planned {
  switch (state) {
    case 'up to date':
      return { stage, action: 'skip', reason: 'up to date' };
    case 'stale':
      return { stage, action: 'run', reason };
    case 'never run':
      return { stage, action: 'run', reason: reason === '' ? 'never run' : reason };
    case 'unknown':
      return { stage, action: 'unknown', reason };
  }
}

const ACTIONS: Readonly<Record<Planned['action'], string>> = { run: 'would run', skip: 'up to date', unknown: 'not known' };

async function preview({ io, core, flags, request, style, signal }: Context, stages: readonly StageName[]): Promise<number> {
  const status = await core.status(request, signal);
  const plan = planned(status, stages);
  if (flags.json) {
    printDocument(io, { v: 1, dryRun: true, project: status.project, target: status.target, stages: plan });
    return 0;
  }
  printLines(io, [
    statusHeadline(status, style.out),
    '',
    ...plan.map(({ stage, action, reason }) =>
      stageLine({ stage, summary: ACTIONS[action], paint: action === 'run' ? style.out.yellow : style.out.dim, detail: action === 'skip' ? '' : reason }),
    ),
    '',
    'This is a dry run: nothing was made.',
  ]);
  return 0;
}
