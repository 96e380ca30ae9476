/**
 * A project's name for the status bar, before the core was asked: activation must not load a TOML parser or start a thread.
 * Only the plain spellings are understood; the core's answer replaces it.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What makes a folder a project, in the order in which names are looked up. */
export const PROJECT_FILES = ['pyproject.toml', 'setup.cfg', 'setup.py', 'manage.py', 'requirements.txt'] as const;

/** A file that comes or goes may make or end a project. */
export const WATCHED_FILES = '{pyproject.toml,setup.cfg,setup.py,manage.py,requirements*.txt}';

interface Marker {
  /** Tables that may hold the name. */
  readonly tables: readonly string[];
  /** Whether it makes a project without a name in it: pyproject.toml and setup.cfg also configure tools. */
  readonly isEnough: boolean;
}

const MARKERS: Readonly<Record<(typeof PROJECT_FILES)[number], Marker>> = {
  'pyproject.toml': { tables: ['project', 'tool.poetry', 'tool.flit.metadata'], isEnough: false },
  'setup.cfg': { tables: ['metadata'], isEnough: false },
  'setup.py': { tables: [], isEnough: true },
  'manage.py': { tables: [], isEnough: true },
  'requirements.txt': { tables: [], isEnough: true },
};

/** undefined where the folder has none of the files, or only such as configure tools. */
export async function readProjectName(folder: string): Promise<string | undefined> {
  let found = false;
  for (const file of PROJECT_FILES) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const { tables, isEnough } = MARKERS[file];
    found ||= isEnough;
    for (const table of tables) {
      const name = nameInTable(text, table);
      if (name !== undefined) return name;
    }
  }
  return found ? basename(folder) : undefined;
}

/** The nearest folder with a project above a file, up to `top`; a requirements.txt alone says too little on the way. */
export async function projectAbove(file: string, top: string): Promise<{ readonly root: string; readonly name: string } | undefined> {
  for (let folder = dirname(file); folder.startsWith(top); folder = dirname(folder)) {
    const name = await readProjectName(folder);
    if (name !== undefined && (folder === top || !(await isOnlyRequirements(folder)))) return { root: folder, name };
    if (folder === top || dirname(folder) === folder) return undefined;
  }
  return undefined;
}

async function isOnlyRequirements(folder: string): Promise<boolean> {
  const others = ['pyproject.toml', 'setup.py', 'manage.py', 'main.py', 'app.py', 'application.py', 'asgi.py', 'wsgi.py', 'Procfile'];
  const there = await Promise.all(
    others.map((name) =>
      readFile(join(folder, name))
        .then(() => true)
        .catch(() => false),
    ),
  );
  return !there.some(Boolean);
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
