/** A package index that is there and not well. pip itself says of most such troubles that the index has no such package. */
import { UserError } from '../../errors.js';
import type { Place } from '../../errors.js';
import { shownIndex } from '../../network/index-list.js';
import { indexOf } from '../../network.js';
import type { Network } from '../../network.js';

/** The first line that fits. */
export type FindLine = (pattern: RegExp) => RegExpExecArray | undefined;

/** undefined when nothing of the kind was said. */
export function explainIndex(find: FindLine, where: Place, network: Network): UserError | undefined {
  return proxyLogin(find, where, network) ?? indexLogin(find, where, network) ?? timeOut(find, where) ?? serverError(find, where) ?? halfFile(find, where);
}

function proxyLogin(find: FindLine, where: Place, { proxies }: Network): UserError | undefined {
  const found = find(/407 (?:Client Error: )?Proxy Authentication Required/);
  if (!found) return undefined;
  const variable = ['https_proxy', 'http_proxy', 'all_proxy'].find((name) => proxies[name] !== undefined);
  const proxy = variable === undefined ? '' : (proxies[variable] ?? '');
  const host = /^(?:\w+:\/\/)?(?:[^/]*@)?([^/]+)/.exec(proxy)?.[1];
  return new UserError({
    kind: 'stage',
    code: 'proxy-unauthorized',
    message: `The proxy${host === undefined ? '' : ` at ${host}`} does not take the login that it is given`,
    where,
    ...(variable !== undefined && {
      why: proxy.includes('@') ? `The login comes from ${variable} of your environment` : `${variable} names no user and password`,
    }),
    fix: `Put the user and the password into ${variable ?? 'https_proxy'}: http://USER:PASSWORD@${host ?? 'HOST:PORT'}`,
  });
}

function indexLogin(find: FindLine, where: Place, network: Network): UserError | undefined {
  const found =
    find(/\b(40[13]) Client Error: .*? at the package index .*?for url: (\S+)/) ??
    find(/\b(401) Client Error: .*?for url: (\S+)/) ??
    find(/\b(401) Error, Credentials not correct for (\S+)/) ??
    find(/\b(403) Client Error: .*?for url: (\S+)/);
  if (!found) return undefined;
  // The front of several indexes says which one it was.
  const told = / at the package index (.+?) for url/.exec(found.input)?.[1];
  const index = network.indexes.list.find((one) => shownIndex(one) === told) ?? indexOf(network, found[2] ?? '');
  const name = told ?? (index ? shownIndex(index) : undefined);
  const shown = name === undefined ? at(found.input) : ` ${index?.name === undefined ? 'at ' : ''}${name}`;
  const login = index?.loginSource;
  return new UserError({
    kind: 'stage',
    code: 'index-unauthorized',
    message: login === undefined ? `The package index${shown} wants a login` : `The package index${shown} does not take the login that it is given`,
    where,
    why: login === undefined ? 'Neither its address nor netrc has one for it' : `The login comes from ${login}`,
    fix:
      login === undefined
        ? `Add a line "machine ${hostOf(index?.url)} login USER password PASSWORD" to ~/.netrc, or set keyring-provider for pip`
        : `Check the user and the password in ${login}`,
  });
}

function hostOf(url: string | undefined): string {
  return url === undefined || !URL.canParse(url) ? 'HOST' : new URL(url).hostname;
}

function timeOut(find: FindLine, where: Place): UserError | undefined {
  // The first is what pip 26 says of an index, the others what it says of a file, and of each try.
  const found = find(/didn't respond within [\d.]+ seconds/) ?? find(/Read timed out|ReadTimeoutError|ConnectTimeoutError|TimeoutError: timed out/);
  if (!found) return undefined;
  const seconds = find(/didn't respond within ([\d.]+) seconds|(?:read|connect) timeout=([\d.]+)/)
    ?.slice(1)
    .find(Boolean);
  return new UserError({
    kind: 'stage',
    code: 'index-timeout',
    message: `The package index${at(found.input)} did not answer in time`,
    where,
    ...(seconds !== undefined && { why: `It was waited ${Number(seconds)} s for an answer, each time` }),
    fix: 'Check that it works, or name another one with PIP_INDEX_URL; a slow one gets more time with PIP_DEFAULT_TIMEOUT, in seconds, and more tries with PIP_RETRIES',
  });
}

function serverError(find: FindLine, where: Place): UserError | undefined {
  const found =
    find(/Could not fetch URL .*?\b(5\d\d) Server Error: ([^:]+?) for url/) ??
    find(/HTTP error (5\d\d) while getting/) ??
    find(/\b(5\d\d) Server Error: ([^:]+?) for url/) ??
    find(/too many (5\d\d) error responses/);
  if (!found) return undefined;
  return new UserError({
    kind: 'stage',
    code: 'index-failing',
    message: `The package index${at(found.input)} answers with an error: ${[found[1], found[2]].filter(Boolean).join(' ')}`,
    where,
    fix: 'Try again later, or name another one with PIP_INDEX_URL',
  });
}

function halfFile(find: FindLine, where: Place): UserError | undefined {
  const found = find(/Download failed after .*not enough bytes were received.*/) ?? find(/IncompleteRead\(.*|Connection broken: .*/);
  if (!found) return undefined;
  const url = find(/URL: (\S+)/)?.[1];
  const file = url?.split(/[?#]/)[0]?.split('/').at(-1);
  return new UserError({
    kind: 'stage',
    code: 'index-incomplete',
    message: `The package index${at(url ?? found.input)} sent only a part of ${file ?? 'a file'}`,
    where,
    why: found[0],
    fix: 'Try again: what was downloaded whole is kept; where it happens every time, look at the index and the proxies on the way to it',
  });
}

/** ` at HOST`, from a line that names it. */
function at(line: string): string {
  const pool = /host='([^']+)', port=(\d+)/.exec(line);
  if (pool) return ` at ${pool[1]}${pool[2] === '443' || pool[2] === '80' ? '' : `:${pool[2]}`}`;
  const host = /https?:\/\/(?:[^@/\s]*@)?([^/\s'")]+)/.exec(line)?.[1];
  return host === undefined ? '' : ` at ${host}`;
}
