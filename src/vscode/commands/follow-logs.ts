import type { Command } from './command.js';

/** What the started release writes, over its restarts. */
export const followLogs: Command = { needs: 'project', run: async ({ terminals }, project) => terminals.followLogs(project) };
