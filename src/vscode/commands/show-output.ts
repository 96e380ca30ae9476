import type { Command } from './command.js';

export const showOutput: Command = { needs: 'nothing', run: ({ output }) => output.show() };
