import type { Command } from './command.js';

/** A shell in the release that runs, or in a container of its own. */
export const openShell: Command = { needs: 'project', run: async ({ terminals }, project) => terminals.openShell(project) };
