/** The core names next steps in the command line's words; in the editor the same step is a command or a setting. Pure. */
import * as l10n from '@vscode/l10n';
import type { ErrorReport } from '../core/errors.js';
import type { CommandId } from './commands/command-ids.js';

interface Translation {
  readonly terminal: RegExp;
  /** Asked for when they are needed: what a module says while it is loaded is in no other language. */
  readonly words: () => string;
  readonly title: () => string;
  readonly step: { readonly command: CommandId } | { readonly setting: string };
}

const TRANSLATIONS: readonly Translation[] = [
  { terminal: /\bpypackage all\b/g, words: () => l10n.t('PyPackage: Build'), title: () => l10n.t('Build'), step: { command: 'pypackage.build' } },
  { terminal: /\bpypackage start\b/g, words: () => l10n.t('PyPackage: Start'), title: () => l10n.t('Start'), step: { command: 'pypackage.start' } },
  { terminal: /\bpypackage stop\b/g, words: () => l10n.t('PyPackage: Stop'), title: () => l10n.t('Stop'), step: { command: 'pypackage.stop' } },
  {
    terminal: /\bpypackage run sh\b/g,
    words: () => l10n.t('PyPackage: Open Shell'),
    title: () => l10n.t('Open Shell'),
    step: { command: 'pypackage.openShell' },
  },
  {
    terminal: /\bpypackage logs\b/g,
    words: () => l10n.t('PyPackage: Follow Logs'),
    title: () => l10n.t('Follow Logs'),
    step: { command: 'pypackage.followLogs' },
  },
  {
    terminal: /\bpypackage fix\b/g,
    words: () => l10n.t('PyPackage: Add What Is Missing'),
    title: () => l10n.t('Add and Retry'),
    step: { command: 'pypackage.fix' },
  },
  {
    terminal: /\bpypackage lock\b/g,
    words: () => l10n.t('PyPackage: Lock Dependencies'),
    title: () => l10n.t('Lock Dependencies'),
    step: { command: 'pypackage.lock' },
  },
  {
    terminal: /\bpypackage doctor\b/g,
    words: () => l10n.t('PyPackage: Run Doctor'),
    title: () => l10n.t('Run Doctor'),
    step: { command: 'pypackage.runDoctor' },
  },
  {
    terminal: /(?<!\S)--base-image\b/g,
    words: () => l10n.t('the setting {0}', 'pypackage.baseImage'),
    title: () => l10n.t('Open Setting'),
    step: { setting: 'pypackage.baseImage' },
  },
  {
    terminal: /(?<!\S)--engine\b/g,
    words: () => l10n.t('the setting {0}', 'pypackage.engine'),
    title: () => l10n.t('Select Engine'),
    step: { command: 'pypackage.selectEngine' },
  },
  {
    terminal: /(?<!\S)--namespace\b/g,
    words: () => l10n.t('the setting {0}', 'pypackage.namespace'),
    title: () => l10n.t('Open Setting'),
    step: { setting: 'pypackage.namespace' },
  },
];

export function inEditorWords(text: string): string {
  return TRANSLATIONS.reduce((words, { terminal, words: to }) => words.replace(terminal, to()), text);
}

/** What is wrong, and the next step, in one line of a view. */
export const problemWords = ({ message, fix }: Pick<ErrorReport, 'message' | 'fix'>): string =>
  fix === undefined ? message : `${message}. ${inEditorWords(fix)}`;

/** Of a view whose rows are as the engine was last seen. */
export const awayWords = ({ message }: Pick<ErrorReport, 'message'>): string => l10n.t('{0}. What is shown was seen before.', message);

/** The step as something to click, where the editor has it. */
export function stepOf(fix: string | undefined): { readonly title: string; readonly step: Translation['step'] } | undefined {
  const found = fix === undefined ? undefined : TRANSLATIONS.find(({ terminal }) => fix.search(terminal) >= 0);
  return found && { title: found.title(), step: found.step };
}
