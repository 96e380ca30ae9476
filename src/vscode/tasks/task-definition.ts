/** What a task of the type `pypackage` says, and what it comes to. Pure: package.json has the same form as a schema. */
import * as l10n from '@vscode/l10n';
import { UserError } from '../../core/errors.js';
import { IMAGE_NAMES, type ImageName, stagesOfVerb } from '../../core/pipeline/verb-stages.js';
import type { WhatToRun } from '../runs.js';

export const TASK_TYPE = 'pypackage';

/** The command line's verbs, as far as they end by themselves. */
export const TASK_ACTIONS = ['all', 'image', 'wheels', 'release', 'lock', 'start', 'stop'] as const;
export type TaskAction = (typeof TASK_ACTIONS)[number];

export interface PypackageTask {
  readonly action: TaskAction;
  /** The project's folder, relative to the workspace's. */
  readonly project?: string;
  readonly target?: string;
  readonly image?: ImageName;
  readonly force?: boolean;
  readonly upgrade?: boolean | readonly string[];
  readonly command?: string;
}

export type TaskWork =
  | { readonly kind: 'run'; readonly what: WhatToRun }
  /** `target`: the one that is not the project's only one. */
  | { readonly kind: 'start' | 'stop'; readonly target: string | undefined };

const ONLY: Readonly<Record<'image' | 'force' | 'upgrade' | 'command', readonly TaskAction[]>> = {
  image: ['image'],
  force: ['all', 'image', 'wheels', 'release'],
  upgrade: ['lock'],
  command: ['wheels'],
};

/** Throws what a person has to mend in tasks.json. VS Code shows the schema's complaints, and runs the task all the same. */
export function readTask(definition: Readonly<Record<string, unknown>>): PypackageTask {
  const action = TASK_ACTIONS.find((known) => known === definition['action']);
  if (!action) throw invalid(l10n.t('"action" is none of {0}', TASK_ACTIONS.join(', ')));
  for (const [key, actions] of Object.entries(ONLY)) {
    if (definition[key] !== undefined && !actions.includes(action)) throw invalid(l10n.t('"{0}" says nothing to the action {1}', key, action));
  }
  const image = definition['image'];
  const found = IMAGE_NAMES.find((known) => known === image);
  if (image !== undefined && !found) throw invalid(l10n.t('"image" is none of {0}', IMAGE_NAMES.join(', ')));
  const { force, upgrade } = definition;
  if (force !== undefined && typeof force !== 'boolean') throw invalid(l10n.t('"force" is neither true nor false'));
  if (upgrade !== undefined && typeof upgrade !== 'boolean' && !isTexts(upgrade)) throw invalid(l10n.t('"upgrade" is neither true nor a list of packages'));
  const project = textOf(definition, 'project');
  const target = textOf(definition, 'target');
  const command = textOf(definition, 'command');
  return {
    action,
    ...(project !== undefined && { project }),
    ...(target !== undefined && { target }),
    ...(found && { image: found }),
    ...(force !== undefined && { force }),
    ...(upgrade !== undefined && { upgrade }),
    ...(command !== undefined && { command }),
  };
}

export function workOf({ action, target, image, force, upgrade, command }: PypackageTask): TaskWork {
  if (action === 'start' || action === 'stop') return { kind: action, target };
  return {
    kind: 'run',
    what: {
      verb: action,
      stages: stagesOfVerb(action, image),
      ...(target !== undefined && { target }),
      ...(force === true && { force }),
      ...(upgrade === true ? { upgrade: 'all' } : typeof upgrade === 'object' && { upgrade }),
      ...(command !== undefined && { buildCommand: ['sh', '-c', command] }),
    },
  };
}

/** Whether one run does what the other was asked for: then a task joins it. */
export function isSameWork(a: WhatToRun, b: WhatToRun): boolean {
  return describe(a) === describe(b);
}

function describe({ verb, stages, target, force, upgrade, buildCommand }: WhatToRun): string {
  return JSON.stringify([verb, [...stages].sort(), target ?? '', force ?? false, upgrade ?? '', buildCommand ?? '']);
}

function textOf(definition: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = definition[key];
  if (value === undefined || (typeof value === 'string' && value.trim() !== '')) return value;
  throw invalid(l10n.t('"{0}" is not a text', key));
}

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

function invalid(why: string): UserError {
  return new UserError({
    kind: 'project',
    code: 'task-invalid',
    message: l10n.t('The task cannot be run: {0}', why),
    fix: l10n.t('Mend it in tasks.json'),
  });
}
