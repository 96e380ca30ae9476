/** Writes into `pypackage.json` what a person accepted, and leaves everything else in it as it is. */
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { applyEdits, findNodeAtLocation, modify, parseTree } from 'jsonc-parser';
import { UserError } from '../errors.js';
import { parseJsonc } from './jsonc.js';
import { CONFIG_FILE, readConfig, readText, shownConfig } from './read-config.js';

const NEW_FILE = `// What PyPackage Docker cannot find out itself. Everything else is detected.
{
  "version": 1
}
`;

/**
 * Adds Debian packages to those that the builder (`build`) or the release (`run`) gets. They go to the file's target; where it
 * names none, to one of this name.
 * @param folder the project's, absolute
 * @param file absolute, in place of the folder's own
 * @returns the file as people see it, and the names that were not in it before; without any, nothing is written
 * @throws UserError `config-invalid`, `config-unwritable`
 */
export async function rememberSystemPackages(
  folder: string,
  target: string,
  kind: 'build' | 'run',
  names: readonly string[],
  file?: string,
): Promise<{ readonly file: string; readonly added: readonly string[] }> {
  const absolute = file ?? path.join(folder, CONFIG_FILE);
  const shown = shownConfig(folder, absolute);
  const config = await readConfig(folder, file);
  const known = config.target.systemPackages[kind];
  const added = [...new Set(names)].filter((wanted) => !known.includes(wanted)).sort();
  if (added.length === 0) return { file: shown, added };
  const text = (await readText(folder, file))?.text ?? NEW_FILE;
  const changed = withItems(text, ['targets', config.name ?? target, 'systemPackages', kind], known, added);
  parseJsonc(changed, shown);
  await write(absolute, shown, changed);
  return { file: shown, added };
}

/** A list that stands there gets the items at its end, so that its comments stay; a new one gets what is known from the defaults too. */
function withItems(text: string, at: readonly string[], known: readonly string[], added: readonly string[]): string {
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (!tree || !findNodeAtLocation(tree, [...at])) return applyEdits(text, modify(text, [...at], [...known, ...added], { formattingOptions }));
  return added.reduce((before, item) => applyEdits(before, modify(before, [...at, -1], item, { formattingOptions, isArrayInsertion: true })), text);
}

async function write(file: string, shown: string, text: string): Promise<void> {
  const next = `${file}.pypackage-new`;
  try {
    await writeFile(next, text);
    await rename(next, file);
  } catch (cause) {
    await rm(next, { force: true }).catch(() => undefined);
    throw new UserError({
      kind: 'project',
      code: 'config-unwritable',
      message: `${shown} cannot be written`,
      where: { file: shown },
      why: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
