/** What a folder of the user's says about itself, as far as that is static. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_BUILD_SYSTEM, type Metadata } from '../project/metadata.js';
import { PYPROJECT, readFlitTable, readPoetryTable, readProjectTable, type Pyproject } from '../project/pyproject.js';
import { readSetupCfg, readSetupPy, SETUP_CFG, SETUP_PY } from '../project/setuptools.js';
import { parseToml } from '../project/toml.js';

export interface FolderMetadata {
  readonly pyproject: Pyproject | undefined;
  /** undefined where it holds no project. */
  readonly metadata: Metadata | undefined;
}

/**
 * @param folder absolute
 * @throws UserError `pyproject-invalid`
 */
export async function readFolderMetadata(folder: string): Promise<FolderMetadata> {
  const [text, setupCfg, setupPy] = await Promise.all([PYPROJECT, SETUP_CFG, SETUP_PY].map((name) => readIfThere(path.join(folder, name))));
  const pyproject = text === undefined ? undefined : { text, table: parseToml(text, { file: path.join(folder, PYPROJECT), code: 'pyproject-invalid' }) };
  const metadata =
    (pyproject && (readProjectTable(pyproject) ?? readPoetryTable(pyproject) ?? readFlitTable(pyproject))) ??
    (setupCfg === undefined ? undefined : readSetupCfg(setupCfg, setupPy, DEFAULT_BUILD_SYSTEM)) ??
    (setupPy === undefined ? undefined : readSetupPy(setupPy, path.basename(folder), DEFAULT_BUILD_SYSTEM));
  return { pyproject, metadata };
}

/** undefined where there is no such file. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR')) return undefined;
    throw error;
  }
}
