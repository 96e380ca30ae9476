import { STAGES } from '../../core/pipeline/events.js';
import type { WhatToRun } from '../runs.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';
import { resultOf } from './run-result.js';
import { showRunActions } from './show-run-actions.js';

/** Runs every stage that is stale. A second press while it runs asks what to do with the run instead. */
export const build: Command = {
  needs: 'project',
  run: async (app, project, given) => {
    if (app.runs.isActive(project.state.root)) return showRunActions.run(app, project);
    const stages = given.get(ARGUMENTS.stages) ?? STAGES;
    const force = given.get(ARGUMENTS.force);
    const { target } = given;
    const what: WhatToRun = { verb: verbOf(stages), stages: [...stages], ...(force !== undefined && { force }), ...(target !== undefined && { target }) };
    return resultOf(await app.runs.run(project, what));
  },
};

/** The command line's word for a run of these stages. */
function verbOf(stages: readonly string[]): WhatToRun['verb'] {
  if (STAGES.every((stage) => stages.includes(stage))) return 'all';
  if (stages.includes('release')) return 'release';
  return stages.includes('wheels') ? 'wheels' : 'image';
}
