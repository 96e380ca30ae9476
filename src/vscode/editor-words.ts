/** The core names next steps in the command line's words; in the editor the same step is a command or a setting. Pure. */
import type { CommandId } from './commands/command-ids.js';

interface Translation {
  readonly terminal: RegExp;
  readonly words: string;
  readonly title: string;
  readonly step: { readonly command: CommandId } | { readonly setting: string };
}

const TRANSLATIONS: readonly Translation[] = [
  { terminal: /\bpypackage all\b/g, words: 'PyPackage: Build', title: 'Build', step: { command: 'pypackage.build' } },
  { terminal: /\bpypackage start\b/g, words: 'PyPackage: Start', title: 'Start', step: { command: 'pypackage.start' } },
  { terminal: /\bpypackage stop\b/g, words: 'PyPackage: Stop', title: 'Stop', step: { command: 'pypackage.stop' } },
  { terminal: /\bpypackage run sh\b/g, words: 'PyPackage: Open Shell', title: 'Open Shell', step: { command: 'pypackage.openShell' } },
  { terminal: /\bpypackage logs\b/g, words: 'PyPackage: Follow Logs', title: 'Follow Logs', step: { command: 'pypackage.followLogs' } },
  { terminal: /\bpypackage fix\b/g, words: 'PyPackage: Add What Is Missing', title: 'Add and Retry', step: { command: 'pypackage.fix' } },
  { terminal: /\bpypackage doctor\b/g, words: 'PyPackage: Run Doctor', title: 'Run Doctor', step: { command: 'pypackage.runDoctor' } },
  { terminal: /(?<!\S)--base-image\b/g, words: 'the setting pypackage.baseImage', title: 'Open Setting', step: { setting: 'pypackage.baseImage' } },
  { terminal: /(?<!\S)--engine\b/g, words: 'the setting pypackage.engine', title: 'Select Engine', step: { command: 'pypackage.selectEngine' } },
  { terminal: /(?<!\S)--namespace\b/g, words: 'the setting pypackage.namespace', title: 'Open Setting', step: { setting: 'pypackage.namespace' } },
];

export function inEditorWords(text: string): string {
  return TRANSLATIONS.reduce((words, { terminal, words: to }) => words.replace(terminal, to), text);
}

/** The step as something to click, where the editor has it. */
export function stepOf(fix: string | undefined): Pick<Translation, 'title' | 'step'> | undefined {
  return fix === undefined ? undefined : TRANSLATIONS.find(({ terminal }) => fix.search(terminal) >= 0);
}
