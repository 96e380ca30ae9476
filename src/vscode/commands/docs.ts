/** docs/commands.md, from the table of commands; written by scripts/generate-docs.mjs. */
import { COMMAND_IDS, type CommandId } from './command-ids.js';
import { COMMAND_SPECS } from './command-specs.js';
import { CONTEXT_KEYS, VIEW_KEYS } from './context-key-specs.js';

/** @param titles package.nls.json */
export function commandsDocument(titles: Readonly<Record<string, string>>): string {
  const titleOf = (id: CommandId): string => titles[titleKeyOf(id)] ?? id;
  return [
    '<!-- Written by scripts/generate-docs.mjs from src/vscode/commands/command-specs.ts and package.nls.json; edit those. -->',
    '',
    '# Commands of the editor',
    '',
    'Every command works from the palette and asks for what it needs. Key bindings, trees and other extensions can say it with an argument.',
    '',
    '| Command | Title | What it does |',
    '| --- | --- | --- |',
    ...COMMAND_IDS.map((id) => `| [\`${id}\`](#${anchorOf(id)}) | PyPackage: ${cell(titleOf(id))} | ${cell(COMMAND_SPECS[id].about)} |`),
    '',
    '## Arguments',
    '',
    'One argument, in one of three forms:',
    '',
    "- a string: the absolute path of a project's folder, or of something in it;",
    '- a `vscode.Uri` of the same;',
    '- an object: `project` (a path or a `Uri`), `target` (the name of its target), and what the command itself takes. Each may be left out.',
    '',
    'The project has to lie in the window. Without one the command means the chosen target, the project of the active editor, or the only one, and asks where it could be several. An argument that a command does',
    'not take, or of another type, is an error that names it, and nothing runs.',
    '',
    '```jsonc',
    '// keybindings.json',
    '{ "key": "ctrl+k g", "command": "pypackage.build", "args": { "stages": ["wheels"], "force": true }, "when": "pypackage.hasProject && isWorkspaceTrusted" },',
    '{ "key": "ctrl+k j", "command": "pypackage.lock", "args": { "upgrade": "all" }, "when": "pypackage.hasProject && isWorkspaceTrusted" }',
    '```',
    '',
    '```ts',
    '// Another extension',
    "const result = await vscode.commands.executeCommand('pypackage.build', { project: folder.uri, stages: ['wheels'] });",
    "if (result?.outcome === 'failed') console.error(result.stage, result.error.message);",
    '```',
    '',
    'Errors are shown to the person; the command then resolves with undefined.',
    '',
    '## Key bindings',
    '',
    '| Command | Key | On a Mac | When |',
    '| --- | --- | --- | --- |',
    ...COMMAND_IDS.flatMap((id) => {
      const { keys } = COMMAND_SPECS[id];
      return keys ? [`| ${cell(titleOf(id))} | \`${keys.key}\` | \`${keys.mac}\` | \`${cell(keys.when)}\` |`] : [];
    }),
    '',
    'A test holds that VS Code has none of them itself, on Linux, macOS and Windows. **Preferences: Open Keyboard Shortcuts** changes them.',
    '',
    '## Context keys',
    '',
    'For `when` clauses of your own key bindings, too.',
    '',
    '| Key | True when |',
    '| --- | --- |',
    ...[...CONTEXT_KEYS, ...VIEW_KEYS].map(({ key, about }) => `| \`${key}\` | ${cell(about)} |`),
    '',
    'What nobody has asked yet is neither running nor stopped: commands that may be needed are offered then.',
    '',
    ...COMMAND_IDS.flatMap((id) => section(id, titleOf(id))),
  ].join('\n');
}

/** Where package.nls.json has the title of a command. */
export function titleKeyOf(id: CommandId): string {
  return `command.${id.slice('pypackage.'.length)}`;
}

function section(id: CommandId, title: string): readonly string[] {
  const { about, takes, offered, returns } = COMMAND_SPECS[id];
  const rows = takes.map(({ name, type, about }) => `| \`${name}\` | \`${cell(type)}\` | ${cell(about)} |`);
  return [
    `## ${id}`,
    '',
    `**PyPackage: ${title}**. ${about}`,
    '',
    ...(rows.length === 0 ? [] : ['| Argument | Type | Meaning |', '| --- | --- | --- |', ...rows, '']),
    offered === 'always' ? 'In the palette: always.' : offered === 'false' ? 'Not in the palette.' : `In the palette when \`${offered}\`.`,
    '',
    ...(returns === undefined ? [] : [`Resolves with ${returns}.`, '']),
  ];
}

/** As GitHub makes them of headings. */
const anchorOf = (id: string): string => id.toLowerCase().replaceAll('.', '');

/** A bar would end a table's cell, even in code (GitHub Flavored Markdown, tables). */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
