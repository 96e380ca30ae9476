/** What every command gets: the core, the request that the flags make, and where to print. */
import { join, resolve } from 'node:path';
import type { Core } from '../core/core.js';
import { isImageReference } from '../core/engine/references.js';
import type { Request } from '../core/request.js';
import { type Flags, usageError } from './arguments.js';
import type { CliIo } from './io.js';
import { jsonLine } from './json-line.js';
import { type Environment, type Output, type Style, styleOf, wantsColour } from '../terminal/style.js';

export interface Context {
  readonly io: CliIo;
  readonly core: Core;
  readonly flags: Flags;
  readonly request: Request;
  readonly style: { readonly out: Style; readonly err: Style };
  /** Aborted by the first signal, and when nobody reads any more. */
  readonly signal: AbortSignal;
  /** Nobody reads standard output any more: nothing is to be said. */
  isReaderGone(): boolean;
  /** Calls the listener once, when the signal aborts for a person. Returns how to stop listening. */
  onCancelling(listener: () => void): () => void;
  /** Called however the command ends, a second signal and a fault included. */
  atEnd(restore: () => void): void;
}

export function styles(io: Pick<CliIo, 'env' | 'stdout' | 'stderr'>): { readonly out: Style; readonly err: Style } {
  return { out: styleFor(io.env, io.stdout), err: styleFor(io.env, io.stderr) };
}

function styleFor(env: Environment, output: Output): Style {
  return styleOf(wantsColour(env, output));
}

export function requestOf(flags: Flags, io: Pick<CliIo, 'cwd' | 'env' | 'home'>): Request {
  const baseImage = baseImageOf(flags, io.env);
  return {
    folder: resolve(io.cwd, flags.project ?? '.'),
    ...(flags.target !== undefined && { target: flags.target }),
    ...(flags.config !== undefined && { config: resolve(io.cwd, flags.config) }),
    ...(baseImage !== undefined && { baseImage }),
    ...(flags.namespace !== undefined && { namespace: flags.namespace }),
    ...(flags.engine !== undefined && { engine: { value: flags.engine, source: '--engine' } }),
    ...(flags.extras.length > 0 && { extras: flags.extras }),
    ...(flags.groups.length > 0 && { groups: flags.groups }),
    pull: flags.pull,
    offline: flags.offline,
    wait: flags.wait,
    env: io.env,
    logDir: logDirOf(flags, io),
  };
}

function baseImageOf(flags: Flags, env: Environment): Request['baseImage'] {
  const source = flags.baseImage === undefined ? 'PYPACKAGE_BASE_IMAGE' : '--base-image';
  const reference = flags.baseImage ?? env['PYPACKAGE_BASE_IMAGE'];
  if (reference === undefined || reference === '') return undefined;
  if (isImageReference(reference)) return { reference, source };
  throw usageError(`${source} is not the name of an image: ${reference}`, 'Write it as: python:3.13-slim, or registry.example.com/team/python:3.13');
}

/** The XDG base directory specification says that a relative path in its variables is to be ignored. */
function logDirOf(flags: Flags, { env, cwd, home }: Pick<CliIo, 'cwd' | 'env' | 'home'>): string {
  if (flags.logDir !== undefined) return resolve(cwd, flags.logDir);
  const state = env['XDG_STATE_HOME'];
  return join(state?.startsWith('/') === true ? state : join(home, '.local', 'state'), 'pypackage', 'logs');
}

/** `~/…` for what lies in the person's home. */
export function shownPath(path: string, home: string): string {
  return home !== '' && home !== '/' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** A command for the same project and target, to be typed or copied. */
export function command(verb: string, flags: Flags): string {
  const words = ['pypackage', verb];
  if (flags.project !== undefined) words.push('--project', quoted(flags.project));
  if (flags.target !== undefined) words.push('--target', flags.target);
  if (flags.config !== undefined) words.push('--config', quoted(flags.config));
  if (flags.namespace !== undefined) words.push('--namespace', flags.namespace);
  if (flags.engine !== undefined) words.push('--engine', quoted(flags.engine));
  return words.join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export function printDocument(io: CliIo, document: object): void {
  io.stdout.write(`${jsonLine(document)}\n`);
}

export function printLines(io: CliIo, lines: readonly string[]): void {
  io.stdout.write(`${lines.join('\n')}\n`);
}
