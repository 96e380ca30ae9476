/** What Poetry and PDM keep in their locks to know that pyproject.toml has changed since. */
import { createHash } from 'node:crypto';
import { normalizeName } from '../project/names.js';
import { isTable, type TomlTable } from '../project/toml.js';
import { tableOf } from './reading.js';

const POETRY_LEGACY_KEYS = ['dependencies', 'source', 'extras', 'dev-dependencies'];
const POETRY_PROJECT_KEYS = ['requires-python', 'dependencies', 'optional-dependencies'];

/**
 * Those that count as up to date. Before 2.3 Poetry left dependency groups out.
 * https://github.com/python-poetry/poetry/blob/2.5.1/src/poetry/packages/locker.py
 */
export function poetryHashes(pyproject: TomlTable): readonly string[] {
  return [poetryHash(pyproject, tableOf(pyproject, 'dependency-groups')), poetryHash(pyproject, {})];
}

function poetryHash(pyproject: TomlTable, groups: TomlTable): string {
  const project = pick(tableOf(pyproject, 'project'), POETRY_PROJECT_KEYS);
  const hasGroups = Object.keys(groups).length > 0;
  const isStandard = Object.keys(project).length > 0 || hasGroups;
  const tool = tableOf(tableOf(pyproject, 'tool'), 'poetry');
  const poetry: Record<string, unknown> = pick(tool, [...POETRY_LEGACY_KEYS, 'group']);
  if (!isStandard) for (const key of POETRY_LEGACY_KEYS) poetry[key] ??= null;
  const content = isStandard
    ? { ...(Object.keys(project).length > 0 && { project }), ...(hasGroups && { 'dependency-groups': groups }), tool: { poetry } }
    : poetry;
  return sha256(pythonJson(content));
}

function pick(table: TomlTable, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.flatMap((key) => (table[key] === undefined ? [] : [[key, table[key]] as const])));
}

/**
 * Those that count as up to date: older PDM knew only groups of its own.
 * https://github.com/pdm-project/pdm/blob/2.29.4/src/pdm/project/project_file.py
 */
export function pdmHashes(pyproject: TomlTable): readonly string[] {
  const settings = tableOf(tableOf(pyproject, 'tool'), 'pdm');
  const own = tableOf(settings, 'dev-dependencies');
  const groups: Record<string, readonly unknown[]> = {};
  for (const [name, listed] of [...Object.entries(tableOf(pyproject, 'dependency-groups')), ...Object.entries(own)]) {
    if (Array.isArray(listed)) groups[normalizeName(name)] = [...(groups[normalizeName(name)] ?? []), ...listed];
  }
  const project = tableOf(pyproject, 'project');
  return [groups, own].map((dev) =>
    sha256(
      pythonJson({
        sources: settings['source'] ?? [],
        dependencies: project['dependencies'] ?? [],
        'dev-dependencies': dev,
        'optional-dependencies': project['optional-dependencies'] ?? {},
        'requires-python': project['requires-python'] ?? '',
        resolution: settings['resolution'] ?? {},
      }),
    ),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** As `json.dumps(value, sort_keys=True)`: a space after `,` and `:`, all but ASCII escaped. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (isTable(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${pythonJson(key)}: ${pythonJson(item)}`).join(', ')}}`;
  }
  if (typeof value === 'string') {
    return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (char) => (char === '\u007f' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`));
  }
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
