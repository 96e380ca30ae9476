/**
 * The report of **Copy Diagnostics**, as Markdown. It goes into issues, so it is in English in every language of the editor. Pure.
 */
import type { ErrorReport } from '../core/errors.js';
import { harmless } from '../core/harmless.js';
import type { DoctorDocument } from '../core/request.js';

export interface SettingFacts {
  readonly key: string;
  /** `user`, `workspace`, `folder`. */
  readonly scope: string;
  readonly value: unknown;
}

export interface ProjectFacts {
  readonly name: string;
  readonly folder: string;
  /** What was read of it; undefined where nothing may be, or could be. */
  readonly about?: {
    readonly kind: string;
    readonly version?: string;
    readonly python: string;
    readonly django: boolean;
    readonly lockFiles: readonly string[];
  };
  readonly problem?: string;
}

export interface FailureFacts {
  readonly project: string;
  readonly stage: string | undefined;
  readonly error: ErrorReport;
  /** The last lines of the log. */
  readonly tail: readonly string[];
}

export interface DiagnosticsFacts {
  readonly versions: readonly (readonly [name: string, value: string])[];
  /** What the doctor found, or why that is not known. */
  readonly engine: DoctorDocument | string;
  readonly settings: readonly SettingFacts[];
  readonly projects: readonly ProjectFacts[];
  readonly failures: readonly FailureFacts[];
}

export function diagnosticsText({ versions, engine, settings, projects, failures }: DiagnosticsFacts): string {
  return [
    '## PyPackage Docker: diagnostics',
    '',
    ...versions.map(([name, value]) => `- ${name}: ${value}`),
    '',
    '### Engine',
    '',
    ...(typeof engine === 'string' ? [engine] : engineLines(engine)),
    '',
    '### Settings',
    '',
    ...(settings.length === 0 ? ['All as they come.'] : settings.map(({ key, scope, value }) => `- \`${key}\` (${scope}): \`${JSON.stringify(value)}\``)),
    '',
    '### Projects',
    '',
    ...(projects.length === 0 ? ['None in this window.'] : projects.map(projectLine)),
    '',
    '### Last error',
    '',
    ...(failures.length === 0 ? ['None in this window.'] : failures.flatMap(failureLines)),
    '',
  ].join('\n');
}

function engineLines({ engine, why, tried, checks }: DoctorDocument): readonly string[] {
  const chosen = engine
    ? `${engine.product} ${engine.version} at \`${engine.url}\` (${engine.source}), chosen because ${why}; API ${engine.apiVersion}, ${engine.platform}, ${engine.buildkit ? 'BuildKit' : 'no BuildKit'}`
    : `None answers: ${why}`;
  return [
    chosen,
    '',
    ...tried.map(({ url, source, answer }) => `- tried \`${url}\` (${source}): ${answer}`),
    ...checks.map(({ name, state, text }) => `- ${name}: ${state}, ${text}`),
  ];
}

function projectLine({ name, folder, about, problem }: ProjectFacts): string {
  const facts = about && [
    about.kind,
    ...(about.version === undefined ? [] : [about.version]),
    `Python ${about.python}`,
    ...(about.django ? ['Django'] : []),
    about.lockFiles.length === 0 ? 'no lock' : about.lockFiles.join(', '),
  ];
  return `- ${name} in \`${folder}\`${facts ? `: ${facts.join(' · ')}` : ''}${problem === undefined ? '' : `: ${problem}`}`;
}

function failureLines({ project, stage, error, tail }: FailureFacts): readonly string[] {
  const { where } = error;
  const place = where && [where.file, where.line, where.column].filter((part) => part !== undefined).join(':');
  return [
    `**${project}${stage === undefined ? '' : `, ${stage}`}**: ${error.message} (${error.kind}, \`${error.code}\`)`,
    '',
    ...(place === undefined ? [] : [`- where: ${place}`]),
    ...(error.why === undefined ? [] : [`- why: ${error.why}`]),
    ...(error.fix === undefined ? [] : [`- fix: ${error.fix}`]),
    ...(error.kind === 'defect' && error.detail !== undefined ? ['', ...fenced(error.detail.split('\n'))] : []),
    ...(tail.length === 0 ? [] : ['', 'The end of the log:', '', ...fenced(tail)]),
  ];
}

/** Whatever the lines hold, they do not end the block. */
function fenced(lines: readonly string[]): readonly string[] {
  const shown = lines.map((line) => harmless(line));
  const longest = Math.max(2, ...shown.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...shown, fence];
}

/** Where a tool prints what it was given: a name that says it is secret, and its value. */
const SECRET_VALUE = /((?:pass(?:word|wd|phrase)|secret|token|api[_-]?key|credentials?)[\w-]*["']?\s*[=:]\s*["']?)(?!\*\*\*)[^\s"',;&]+/gi;
const AUTHORIZATION = /(\bauthorization["']?\s*[:=]\s*["']?(?:basic|bearer|token)?\s*)[\w.~+/=-]{6,}/gi;
/** The user of a URL, with or without a password. */
const USER = /(:\/\/)[^\s/@'"`]+@/g;

/**
 * Less of who and where this is than our own log says: what is pasted into an issue is read by everybody. Passwords that are known have been
 * taken out by the core before.
 *
 * @param home the person's own folder
 */
export function anonymous(text: string, home: string): string {
  const hidden = text.replace(AUTHORIZATION, '$1***').replace(SECRET_VALUE, '$1***').replace(USER, '$1***@');
  // A home of `/` would be in every path.
  if (home.length < 2) return hidden;
  const escaped = home.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return hidden.replaceAll(new RegExp(`${escaped}(?![\\w.-])`, 'g'), '~');
}
