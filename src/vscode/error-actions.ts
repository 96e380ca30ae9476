/** What can be done about an error: the buttons of its message and the quick fixes on its line. Pure. */
import * as l10n from '@vscode/l10n';
import type { ErrorReport, Place } from '../core/errors.js';
import type { CommandId } from './commands/command-ids.js';
import { stepOf } from './editor-words.js';

export type ErrorAction =
  | { readonly title: string; readonly command: CommandId; readonly argument?: string }
  | { readonly title: string; readonly show: Place }
  | { readonly title: string; readonly replace: { readonly at: Place; readonly from: string; readonly to: string } }
  | { readonly title: string; readonly type: string /* into a terminal, and not run */ }
  | { readonly title: string; readonly setting: string };

/** What the message of an error lets people do besides mending it. */
export interface ErrorSurroundings {
  /** The project's folder. */
  readonly root: string;
  /** What tells more about this kind of failure. */
  readonly more: ErrorAction;
  readonly retry?: ErrorAction;
}

/** At most three buttons, the likeliest first: a fourth would hide the message. */
export function actionsOf(error: ErrorReport, { root, more, retry }: ErrorSurroundings): readonly ErrorAction[] {
  const place: readonly ErrorAction[] = error.where?.line === undefined ? [] : [{ title: l10n.t('Show Line'), show: error.where }];
  const remedies = remediesOf(error, root);
  const actions: readonly (ErrorAction | undefined)[] =
    error.kind === 'engine'
      ? [...remedies, { title: l10n.t('Run Doctor'), command: 'pypackage.runDoctor', argument: root }, retry, more]
      : [...remedies.slice(0, 1), ...place, more, retry];
  const offered = actions.filter((action) => action !== undefined);
  return offered.filter((action, index) => offered.findIndex(({ title }) => title === action.title) === index).slice(0, 3);
}

/** What mends it, the best first; empty where only a person can. */
export function remediesOf(error: ErrorReport, root: string): readonly ErrorAction[] {
  const { remedy, fix } = error;
  const actions: ErrorAction[] = [];
  if (remedy?.kind === 'system-packages')
    actions.push({ title: l10n.t('Add {0} and Retry', remedy.packages.join(', ')), command: 'pypackage.fix', argument: root });
  else if (remedy?.kind === 'replacement') actions.push({ title: l10n.t('Change to {0}', remedy.to), replace: remedy });
  else if (error.code === 'lock-stale' && fix !== undefined && /\bpypackage lock\b/.test(fix))
    actions.push({ title: l10n.t('Lock Dependencies'), command: 'pypackage.lock', argument: root });
  const typed = typedCommand(fix);
  if (typed !== undefined) actions.push({ title: titleOf(typed), type: typed });
  const step = remedy ? undefined : stepOf(fix);
  if (step)
    actions.push(
      'command' in step.step ? { title: step.title, command: step.step.command, argument: root } : { title: step.title, setting: step.step.setting },
    );
  // Another engine helps where this one cannot be used, and not where it refused something.
  if (error.kind === 'engine' && error.code.startsWith('engine-') && error.code !== 'engine-refused')
    actions.push({ title: l10n.t('Select Engine'), command: 'pypackage.selectEngine' });
  return actions.filter((action, index) => actions.findIndex(({ title }) => title === action.title) === index);
}

/** Commands that a next step may name and that belong to the person: they are typed, and it is theirs to press Enter. No end of a line is part of one: it would be that key. */
const TYPED = /(?:^|: )((?:sudo systemctl start|systemctl --user start|sudo usermod|uv lock|poetry lock|pdm lock)\b[^,;\p{Cc}]*)/u;

export function typedCommand(fix: string | undefined): string | undefined {
  return fix === undefined ? undefined : TYPED.exec(fix)?.[1]?.trim();
}

function titleOf(command: string): string {
  if (/systemctl .*start docker/.test(command)) return l10n.t('Start Docker in Terminal');
  return l10n.t('Type {0} in Terminal', command.split(' ').slice(0, 2).join(' '));
}
