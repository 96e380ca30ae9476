/** `doctor`: which engine is used and why, and what is missing. */
import { harmless } from '../../core/harmless.js';
import type { Check, DoctorDocument } from '../../core/request.js';
import { type Context, printDocument, printLines } from '../context.js';
import { mayMove, type Style } from '../../terminal/style.js';
import { pad, wrap } from '../../terminal/width.js';
import { facts } from './status.js';

export async function showDoctor({ io, core, flags, request, style, signal }: Context): Promise<number> {
  const document = await core.doctor(request, signal);
  if (flags.json) printDocument(io, document);
  else printLines(io, doctorLines(document, style.out, mayMove(io.env, io.stdout) ? io.stdout.columns : undefined));
  return doctorExitCode(document);
}

export function doctorExitCode({ engine, checks }: DoctorDocument): number {
  if (engine === undefined || !engine.canBuild) return 3;
  return checks.some(({ state }) => state === 'missing') ? 2 : 0;
}

export function doctorLines({ version, engine, tried, why, checks: all }: DoctorDocument, style: Style, columns = 1000): readonly string[] {
  // An engine that is fine has been told above.
  const checks = all.filter(({ name, state }) => name !== 'engine' || state !== 'ok');
  const found = engine === undefined ? style.red('none answers') : `${engine.product} ${engine.version}`;
  return [
    style.bold(`PyPackage ${version}`),
    '',
    ...facts([['engine', found]]),
    ...(engine === undefined
      ? []
      : facts([
          ['', `${engine.url} (${engine.source})`],
          ['', `API ${engine.apiVersion}, ${engine.platform}, ${engine.buildkit ? 'BuildKit' : 'without BuildKit'}`],
        ]).map((line) => line.replace(/^ {4}/, '          '))),
    ...(tried.length === 0 ? [] : ['', 'Tried', ...triedLines(tried, why, style)]),
    ...(checks.length === 0 ? [] : ['', 'Checks', ...checkLines(checks, style, columns)]),
  ];
}

/** Long texts go on under themselves. */
function checkLines(checks: readonly Check[], style: Style, columns: number): readonly string[] {
  const names = Math.max(...checks.map(({ name }) => name.length)) + 2;
  const room = Math.max(20, columns - 12 - names);
  return checks.flatMap(({ name, state, text, fix }) => {
    const paint = state === 'ok' ? style.green : state === 'warning' ? style.yellow : style.red;
    const start = `  ${paint(pad(state, 9))}${pad(name, names)}`;
    const lines = [...wrap(harmless(text), room), ...(fix === undefined ? [] : wrap(`fix: ${harmless(fix)}`, room))];
    return lines.map((line, index) => (index === 0 ? start : ' '.repeat(11 + names)) + line);
  });
}

/** One line a place; the chosen one says why, and one that cannot be used what helps. Of the chosen one the checks say that. */
function triedLines(tried: DoctorDocument['tried'], why: string, style: Style): readonly string[] {
  const places = Math.max(...tried.map(({ url, source }) => `${url} (${source})`.length)) + 2;
  return tried.flatMap(({ url, source, state, answer, fix, chosen }) => {
    const line = `  ${pad(harmless(`${url} (${source})`), places)}${harmless(answer)}${chosen ? style.bold(`  chosen: ${harmless(why)}`) : ''}`;
    return state === 'trouble' && !chosen && fix !== undefined ? [line, `    fix: ${harmless(fix)}`] : [line];
  });
}
