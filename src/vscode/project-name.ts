/**
 * A project's name for the status bar, before the core was asked: activation must not load a TOML parser or start a thread.
 * Only the plain spellings are understood; the core's answer replaces it.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What makes a folder a project, in the order in which names are looked up. */
export const PROJECT_FILES = ['pyproject.toml', 'setup.cfg', 'setup.py', 'manage.py'] as const;

const TABLES: Readonly<Record<(typeof PROJECT_FILES)[number], readonly string[]>> = {
  'pyproject.toml': ['project', 'tool.poetry', 'tool.flit.metadata'],
  'setup.cfg': ['metadata'],
  'setup.py': [],
  'manage.py': [],
};

/** undefined where the folder has none of the files. */
export async function readProjectName(folder: string): Promise<string | undefined> {
  let found = false;
  for (const file of PROJECT_FILES) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    found = true;
    for (const table of TABLES[file]) {
      const name = nameInTable(text, table);
      if (name !== undefined) return name;
    }
  }
  return found ? basename(folder) : undefined;
}

export function nameInTable(text: string, table: string): string | undefined {
  let inside = false;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*([^\][]+?)\s*\]/.exec(line);
    if (header) inside = header[1] === table;
    const name = inside ? /^\s*name\s*=\s*(?:"([^"]+)"|'([^']+)'|([\w.-]+))/.exec(line) : null;
    if (name) return name[1] ?? name[2] ?? name[3];
  }
  return undefined;
}
