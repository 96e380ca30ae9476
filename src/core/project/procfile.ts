/** A Procfile: process types and their commands, one a line. https://devcenter.heroku.com/articles/procfile#procfile-format */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessType } from './project.js';

export const PROCFILE = 'Procfile';

/** In the order of the file; of a type that stands twice, the last. */
export async function readProcfile(root: string): Promise<readonly ProcessType[]> {
  const text = await readFile(path.join(root, PROCFILE), 'utf8').catch(() => '');
  const found = new Map<string, ProcessType>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const match = /^([A-Za-z0-9_-]+):\s*(\S.*?)\s*$/.exec(line);
    const [, name, command] = match ?? [];
    if (name !== undefined && command !== undefined) found.set(name, { name, command, line: i + 1 });
  }
  return [...found.values()];
}
