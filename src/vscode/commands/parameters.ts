/**
 * What a command is given by key bindings, trees and other extensions, parsed where it arrives. By hand: schemas are in a bundle
 * that is loaded with the core's thread, and a key press must not wait for it. Pure.
 */
import * as l10n from '@vscode/l10n';
import { UserError } from '../../core/errors.js';

export interface Parameter<T> {
  readonly name: string;
  /** As the documentation writes it. */
  readonly type: string;
  readonly about: string;
  /** undefined: the value is none of these. */
  readonly parse: (value: unknown) => T | undefined;
}

/** What came with a call. */
export class Given {
  constructor(
    /** Absolute path of a project, or of something in it; undefined: nobody said. */
    readonly path: string | undefined,
    readonly target: string | undefined,
    private readonly fields: Readonly<Record<string, unknown>>,
    /** Of all rows that are selected; empty where no view is behind the call. */
    private readonly rows: readonly Readonly<Record<string, unknown>>[] = [],
  ) {}

  /** undefined: it was not given. */
  get<T>(parameter: Parameter<T>): T | undefined {
    return parameter.parse(this.fields[parameter.name]);
  }

  /** What each of the selected rows has of it, or the call; each once. */
  all<T>(parameter: Parameter<T>): readonly T[] {
    const given = [...(this.rows.length > 0 ? this.rows : [this.fields])].map((fields) => parameter.parse(fields[parameter.name]));
    return [...new Set(given.filter((value) => value !== undefined))];
  }
}

export const text = (name: string, about: string): Parameter<string> => ({ name, type: 'string', about, parse: parseText });

export const flag = (name: string, about: string): Parameter<boolean> => ({
  name,
  type: 'boolean',
  about,
  parse: (value) => (typeof value === 'boolean' ? value : undefined),
});

export const oneOf = <T extends string>(name: string, values: readonly T[], about: string): Parameter<T> => ({
  name,
  type: values.map(quote).join(' | '),
  about,
  parse: (value) => values.find((known) => known === value),
});

export const listOf = <T extends string>(name: string, values: readonly T[], about: string): Parameter<readonly T[]> => ({
  name,
  type: `(${values.map(quote).join(' | ')})[]`,
  about,
  parse: (value) => {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    const known = value.flatMap((item: unknown) => values.find((name) => name === item) ?? []);
    return known.length === value.length ? known : undefined;
  },
});

/** A word that is one of these, or a list of any words. */
export const oneOfOrWords = <T extends string>(name: string, values: readonly T[], about: string): Parameter<T | readonly string[]> => ({
  name,
  type: `${values.map(quote).join(' | ')} | string[]`,
  about,
  parse: (value) => {
    if (!Array.isArray(value)) return values.find((known) => known === value);
    const words = value.flatMap((item: unknown) => parseText(item) ?? []);
    return words.length > 0 && words.length === value.length ? words : undefined;
  },
});

/**
 * A path, a `Uri`, or an object with `project`, `target` and what the command takes. A field that is not known is refused: a
 * misspelt one would otherwise mean everything.
 * @param selection rows of a view; where nothing else was given, the first of them stands for it
 * @throws UserError `argument-invalid`, which names the argument
 */
export function parseGiven(command: string, takes: readonly Parameter<unknown>[], argument: unknown, selection: readonly unknown[] = []): Given {
  const rows = selection.filter((row): row is Readonly<Record<string, unknown>> => typeof row === 'object' && row !== null);
  const isFromKey = typeof argument === 'object' && argument !== null && 'selectedIn' in argument;
  const given = isFromKey ? rows[0] : argument;
  if (given === undefined || given === null) return new Given(undefined, undefined, {});
  const direct = pathOf(given);
  if (direct !== undefined) return new Given(direct, undefined, {});
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw refused(command, l10n.t('its argument'), 'string | Uri | { project?: string | Uri, … }');
  }
  const { project, target, row, ...others }: { project?: unknown; target?: unknown; row?: unknown } = given;
  // A row of a tree is given to whatever its menu offers: a command takes of it what it knows.
  const isTaken = ([name, value]: readonly [string, unknown]): boolean =>
    value !== undefined && (row === undefined || takes.some((known) => known.name === name));
  const fields = new Map(Object.entries(others).filter(isTaken));
  for (const [name, value] of fields) {
    const parameter = takes.find((known) => known.name === name);
    if (!parameter) throw unknown(command, name, ['project', 'target', ...takes.map(({ name }) => name)]);
    if (parameter.parse(value) === undefined) throw refused(command, name, parameter.type);
  }
  const path = pathOf(project);
  if (project !== undefined && path === undefined) throw refused(command, 'project', 'string | Uri');
  if (target !== undefined && parseText(target) === undefined) throw refused(command, 'target', 'string');
  return new Given(path, parseText(target), Object.fromEntries(fields), rows);
}

const parseText = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined);

/** Of a path, or of a Uri on a disk: by its shape, as one that came through a key binding has no class. */
function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return parseText(value);
  if (typeof value !== 'object' || value === null || !('scheme' in value) || !('path' in value)) return undefined;
  if (value.scheme === 'pypackage') return 'query' in value ? parseText(value.query) : undefined;
  if (value.scheme !== 'file') return undefined;
  return parseText('fsPath' in value ? value.fsPath : value.path);
}

const quote = (value: string): string => `'${value}'`;

function refused(command: string, name: string, type: string): UserError {
  return new UserError({
    kind: 'project',
    code: 'argument-invalid',
    message: l10n.t('{0} cannot use {1}: it is not of the type {2}', command, name, type),
    fix: l10n.t('docs/commands.md lists what each command takes'),
  });
}

function unknown(command: string, name: string, known: readonly string[]): UserError {
  return new UserError({
    kind: 'project',
    code: 'argument-invalid',
    message: l10n.t('{0} has no argument {1}', command, name),
    why: l10n.t('It takes {0}', known.join(', ')),
    fix: l10n.t('docs/commands.md lists what each command takes'),
  });
}
