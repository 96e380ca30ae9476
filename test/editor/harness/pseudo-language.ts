/** A language in which every text of ours stands in brackets: what is seen without them is not translated. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import * as z from 'zod/mini';

const SOURCES = join(import.meta.dirname, '../../../src/vscode');
/** VS Code's own identifier of a pseudo-language. */
const LANGUAGE = 'qps-ploc';
const texts = z.record(z.string(), z.string());

/** Translates the installed extension and makes the language known to a server's user data; gives back its identifier. */
export async function usePseudoLanguage(userData: string, extensions: string): Promise<string> {
  const installed = readdirSync(extensions).find((name) => name.startsWith('pypackage.pypackage-docker-')) ?? '';
  const folder = join(extensions, installed);
  const manifestTexts = z.parse(texts, JSON.parse(readFileSync(join(folder, 'package.nls.json'), 'utf8')));
  write(join(folder, `package.nls.${LANGUAGE}.json`), bracketed(manifestTexts));
  mkdirSync(join(folder, 'l10n'), { recursive: true });
  write(join(folder, 'l10n', `bundle.l10n.${LANGUAGE}.json`), bracketed(await codeTexts()));
  // What installing a language pack writes. This one leaves VS Code's own texts in English.
  const core = join(userData, 'pseudo-core.json');
  write(core, { version: '1.0.0', contents: {} });
  const pack = { hash: 'pseudo', extensions: [{ extensionIdentifier: { id: 'pypackage-test.pseudo' }, version: '1.0.0' }], label: 'Pseudo' };
  write(join(userData, 'languagepacks.json'), { [LANGUAGE]: { ...pack, translations: { vscode: core } } });
  return LANGUAGE;
}

/** What is left of a text without all that stands in brackets, which may stand in each other. */
export function outsideBrackets(text: string): string {
  const less = text.replace(/⟦[^⟦⟧]*⟧/g, '');
  return less === text ? text : outsideBrackets(less);
}

/** As `npm run l10n` finds them. */
async function codeTexts(): Promise<Readonly<Record<string, string>>> {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const found = await getL10nJson(files.map((name) => ({ extension: '.ts', contents: readFileSync(join(SOURCES, name), 'utf8') })));
  return Object.fromEntries(Object.entries(found).map(([key, text]) => [key, typeof text === 'string' ? text : text.message]));
}

function bracketed(all: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(all).map(([key, text]) => [key, `⟦${text}⟧`]));
}

function write(file: string, content: unknown): void {
  writeFileSync(file, JSON.stringify(content, null, 2));
}
