/** Logins by host, as many programs read them: https://docs.python.org/3/library/netrc.html */
import path from 'node:path';
import { shownFile, textOf } from './host.js';
import type { Host } from './host.js';

export interface Login {
  readonly user: string;
  /** Empty for a token that stands in place of the user. */
  readonly password: string;
  /** `PIP_INDEX_URL`, `~/.netrc`, `keyring`: for diagnosis. */
  readonly source: string;
}

/** The user's own entries by host, without a `default` one: a login is for the host that it was written for. */
export async function readNetrc(host: Host): Promise<ReadonlyMap<string, Login>> {
  const named = host.env['NETRC'];
  for (const file of named ? [named] : [path.join(host.home, '.netrc'), path.join(host.home, '_netrc')]) {
    const text = await textOf(host, file);
    if (text !== undefined) return loginsIn(text, shownFile(host, file));
  }
  return new Map();
}

function loginsIn(text: string, source: string): ReadonlyMap<string, Login> {
  const words = wordsOf(text.replaceAll(/^\s*macdef\b[^\n]*\n(?:[^\n]*\S[^\n]*\n?)*/gm, ''));
  const logins = new Map<string, Login>();
  let machine: string | undefined;
  for (let at = 0; at < words.length; at += 2) {
    const [word, value = ''] = [words[at], words[at + 1]];
    const known = machine === undefined ? undefined : logins.get(machine);
    if (word === 'machine') logins.set((machine = value), { user: '', password: '', source });
    else if (word === 'default') {
      machine = undefined;
      at -= 1; // it has no value
    } else if (machine !== undefined && known && (word === 'login' || word === 'user')) logins.set(machine, { ...known, user: value });
    else if (machine !== undefined && known && word === 'password') logins.set(machine, { ...known, password: value });
  }
  return logins;
}

/** Quoted ones may hold blanks; a backslash takes the next character as it is. A comment begins a line or follows a blank. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const [, comment, quoted, plain] of text.matchAll(/(?<=^|\s)(#[^\n]*)|"((?:\\.|[^"\\])*)"|((?:\\.|[^\s\\])+)/g)) {
    if (comment === undefined) words.push((quoted ?? plain ?? '').replaceAll(/\\(.)/g, '$1'));
  }
  return words;
}

/** What can stand in such a file as it is, for every version of Python's reader. */
const PLAIN = /^[\w!$%&()*+,./:;<=>?@[\]^`{|}~-]+$/;

export function isPlain({ user, password }: Login): boolean {
  return PLAIN.test(user) && (password === '' || PLAIN.test(password));
}

export function netrcOf(logins: ReadonlyMap<string, Login>): string {
  return [...logins].map(([host, { user, password }]) => `machine ${host} login ${user} password ${password === '' ? '""' : password}\n`).join('');
}
