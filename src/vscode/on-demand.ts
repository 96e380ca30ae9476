/** The bundle that is loaded with the first command, task or tool (load-on-demand.ts). It shares no class with the others: errors are told by name. */
export { config as configureWords } from '@vscode/l10n';
export { perform } from './commands/perform.js';
export { makeTools } from './language-model-answers.js';
export { TaskTerminal } from './tasks/task-terminal.js';
export { fillContainers, fillImages, fillTargets, fillWheels } from './views/fillings.js';
export { showWheel } from './wheel-editor/wheel-editor.js';
