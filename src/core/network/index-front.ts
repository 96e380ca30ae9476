/** What pip is told of the indexes: its own files where these can say it, else one index on the loopback interface (`containers/index_front.py`). */
import { hasPins, shownIndex } from './index-list.js';
import type { Indexes } from './indexes.js';
import { isPlain, netrcOf } from './netrc.js';
import type { Login } from './netrc.js';
import { OFFLINE_FOLDER } from './offline.js';

/** Of the front, inside a container that has the loopback interface to itself. */
const PORT = 31313;
/** As pip's own defaults. */
const TIMEOUT_S = 15;
const RETRIES = 5;

export interface PipFiles {
  /** undefined when there is nothing to say. */
  readonly pipConf: string | undefined;
  /** Logins by host; undefined when there are none. */
  readonly netrc: string | undefined;
  /** What the front reads; undefined where pip needs none. */
  readonly front: string | undefined;
}

/** Without a network: everything lies in one folder. */
export const OFFLINE_PIP: PipFiles = {
  pipConf: `[global]\nno-index = true\nfind-links = ${OFFLINE_FOLDER}\nretries = 0\n`,
  netrc: undefined,
  front: undefined,
};

/**
 * pip hands the addresses of indexes to processes of its own as arguments, which everybody on the engine's machine can read: passwords go into
 * a netrc file, where pip looks, too. https://pip.pypa.io/en/stable/topics/authentication/#netrc-support
 */
export function pipFilesOf(indexes: Indexes): PipFiles {
  const { list, logins, isOff } = indexes;
  const byHost = new Map<string, Login>();
  const links = indexes.findLinks.map((link) => withoutLogin(link, byHost));
  const clashes = clashesOf(indexes, byHost);
  for (const { url } of isOff ? [] : list) {
    const login = logins.get(url);
    const { hostname } = new URL(url);
    if (login && !clashes.has(hostname)) byHost.set(hostname, login);
  }
  const needsFront = !isOff && (hasPins(list) || clashes.size > 0);
  return {
    pipConf: pipConfOf(indexes, needsFront ? [`http://127.0.0.1:${PORT}/simple`] : list.map(({ url }) => url), links),
    netrc: byHost.size === 0 ? undefined : netrcOf(byHost),
    front: needsFront ? frontOf(indexes, clashes) : undefined,
  };
}

/** Hosts whose logins a netrc file cannot tell: several of them, or none of its words. */
function clashesOf({ list, logins }: Indexes, byHost: ReadonlyMap<string, Login>): ReadonlySet<string> {
  const seen = new Map(byHost);
  const clashes = new Set<string>();
  for (const { url } of list) {
    const { hostname } = new URL(url);
    const login = logins.get(url);
    if (!login) continue;
    const known = seen.get(hostname) ?? login;
    if (!isPlain(login) || known.user !== login.user || known.password !== login.password) clashes.add(hostname);
    seen.set(hostname, known);
  }
  return clashes;
}

function pipConfOf(indexes: Indexes, [main, ...extra]: readonly string[], links: readonly string[]): string | undefined {
  const { list, isOff, trustedHosts, timeout, retries } = indexes;
  const isUsual = list.length === 1 && list[0]?.source === 'pip' && main === list[0].url;
  const options: readonly (readonly [string, readonly string[]])[] = [
    ['index-url', isUsual || isOff || main === undefined ? [] : [main]],
    ['extra-index-url', isOff ? [] : extra],
    ['no-index', isOff ? ['true'] : []],
    ['find-links', links],
    ['trusted-host', trustedHosts],
    ['timeout', timeout === undefined ? [] : [timeout]],
    ['retries', retries === undefined ? [] : [retries]],
  ];
  const lines = options.flatMap(([option, values]) => (values.length === 0 ? [] : [`${option} = ${values.join('\n    ')}\n`]));
  return lines.length === 0 ? undefined : `[global]\n${lines.join('')}`;
}

/** See `containers/index_front.py`. */
function frontOf({ list, logins, trustedHosts, timeout, retries }: Indexes, clashes: ReadonlySet<string>): string {
  return JSON.stringify({
    port: PORT,
    timeout: numberOf(timeout, TIMEOUT_S),
    retries: numberOf(retries, RETRIES),
    trustedHosts,
    indexes: list.map((index) => {
      const login = logins.get(index.url);
      return {
        url: index.url,
        shown: shownIndex(index),
        isExplicit: index.isExplicit,
        packages: index.packages,
        login: login ? `${login.user}:${login.password}` : null,
        viaFront: login !== undefined && clashes.has(new URL(index.url).hostname),
      };
    }),
  });
}

function numberOf(text: string | undefined, otherwise: number): number {
  const found = Number(text);
  return text !== undefined && Number.isFinite(found) && found >= 0 ? found : otherwise;
}

/** The address as it was where the login cannot be told by its host alone. */
function withoutLogin(link: string, byHost: Map<string, Login>): string {
  if (!/^https?:\/\/[^/]*@/i.test(link) || !URL.canParse(link)) return link;
  const { hostname, username, password } = new URL(link);
  const login: Login = { user: decodeURIComponent(username), password: decodeURIComponent(password), source: 'find-links' };
  const known = byHost.get(hostname);
  if (!isPlain(login) || (known && (known.user !== login.user || known.password !== login.password))) return link;
  byHost.set(hostname, login);
  return link.replace(/^(https?:\/\/)[^/]*@/i, '$1');
}

/** Where a file that came through the front really is. */
export function withoutFront(url: string): string {
  const found = new RegExp(`^http://127\\.0\\.0\\.1:${PORT}/file/\\d+/(https?)/([^/]+)/(.*)$`).exec(url);
  return found ? `${found[1]}://${decodeURIComponent(found[2] ?? '')}/${found[3]}` : url;
}
