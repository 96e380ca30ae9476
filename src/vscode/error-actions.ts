/** The buttons of an error: the place, the next step, and where to read more. */
import type { ErrorReport } from '../core/errors.js';
import { stepOf } from './editor-words.js';
import type { Action } from './messages.js';
import { uriOfPlace } from './problems.js';
import type { Project } from './projects.js';

/** `more`: what tells more about this kind of failure. At most three buttons: a fourth would hide the message. */
export function actionsOf(project: Project, error: ErrorReport, more: Action, ...others: readonly Action[]): readonly Action[] {
  const argument = project.state.root;
  const step = stepOf(error.fix);
  const actions: Action[] = [];
  if (error.where?.line !== undefined) actions.push({ title: 'Show Line', open: uriOfPlace(project, error.where), line: error.where.line });
  if (error.remedy) actions.push({ title: `Add ${error.remedy.packages.join(', ')} and Retry`, command: 'pypackage.fix', argument });
  else if (step)
    actions.push('command' in step.step ? { title: step.title, command: step.step.command, argument } : { title: step.title, setting: step.step.setting });
  if (error.kind === 'engine') {
    // Another engine helps where this one cannot be used, and not where it refused something.
    if (error.code.startsWith('engine-') && error.code !== 'engine-refused') actions.push({ title: 'Select Engine', command: 'pypackage.selectEngine' });
    actions.push({ title: 'Run Doctor', command: 'pypackage.runDoctor', argument });
  } else actions.push(more);
  actions.push(...others);
  return actions.filter((action, index) => actions.findIndex(({ title }) => title === action.title) === index).slice(0, 3);
}
