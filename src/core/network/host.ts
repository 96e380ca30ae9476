/** The machine whose settings are read. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { messageOf } from '../errors.js';

export type Env = Readonly<Record<string, string | undefined>>;

export interface Host {
  readonly env: Env;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Where settings for all users lie: `/etc`, `%PROGRAMDATA%`, `/Library/Application Support`. */
  readonly shared: string;
  /** Sentences that a person should see: what was named and cannot be used. */
  readonly notes: string[];
}

export function hostOf(env: Env, shared?: string): Host {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  return { env, home, platform: process.platform, shared: shared ?? sharedFolder(env), notes: [] };
}

function sharedFolder(env: Env): string {
  if (process.platform === 'win32') return env['PROGRAMDATA'] ?? 'C:\\ProgramData';
  return process.platform === 'darwin' ? '/Library/Application Support' : '/etc';
}

/** Of a user's own settings, without the program's part. */
export function configFolder({ env, home, platform }: Host): string {
  if (platform === 'win32') return env['APPDATA'] ?? path.join(home, 'AppData', 'Roaming');
  return env['XDG_CONFIG_HOME'] || path.join(home, '.config');
}

/** Of settings for all users, the weakest first. */
export function sharedFolders({ env, platform, shared }: Host): readonly string[] {
  if (platform === 'win32' || platform === 'darwin') return [shared];
  const named = env['XDG_CONFIG_DIRS'];
  return [...(named ? named.split(':').filter(Boolean) : [path.join(shared, 'xdg')]), shared];
}

/** undefined where there is none. One that cannot be read is a note: it may be another program's concern. */
export async function textOf({ notes }: Host, file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
    if (!isAbsent) notes.push(`${file} cannot be read (${messageOf(error)}); it is not used`);
    return undefined;
  }
}

/** As people write it: `~/.config/pip/pip.conf`. */
export function shownFile({ home }: Host, file: string): string {
  return home !== '' && file.startsWith(home + path.sep) ? `~${path.sep}${file.slice(home.length + 1)}` : file;
}
