import { STAGES, type StageName } from '../../core/pipeline/events.js';
import type { App } from '../app.js';
import type { Project } from '../projects.js';
import type { WhatToRun } from '../runs.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';
import type { Given } from './parameters.js';
import { resultOf } from './run-result.js';
import { showRunActions } from './show-run-actions.js';

/** Runs every stage that is stale. A second press while it runs asks what to do with the run instead. */
export const build: Command = {
  needs: 'project',
  run: (app, project, given) => runStages(app, project, given.get(ARGUMENTS.stages) ?? STAGES, given),
};

export async function runStages(app: App, project: Project, stages: readonly StageName[], given: Given): Promise<unknown> {
  if (app.runs.isActive(project.state.root)) return showRunActions.run(app, project);
  const force = given.get(ARGUMENTS.force);
  const { target } = given;
  const what: WhatToRun = { verb: verbOf(stages), stages: [...stages], ...(force !== undefined && { force }), ...(target !== undefined && { target }) };
  return resultOf(await app.runs.run(project, what));
}

/** The command line's word for a run of these stages. */
function verbOf(stages: readonly string[]): WhatToRun['verb'] {
  if (STAGES.every((stage) => stages.includes(stage))) return 'all';
  if (stages.includes('release')) return 'release';
  return stages.includes('wheels') ? 'wheels' : 'image';
}
