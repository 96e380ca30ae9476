/** Small projects that each show one thing. */
import type { Files } from './core.js';

export interface Parts {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: readonly string[];
  /** Further lines of `[project]`, before any table of its own. */
  readonly project?: string;
  /** Whatever follows. */
  readonly rest?: string;
  readonly buildSystem?: string;
}

export const SETUPTOOLS = 'requires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"';

export function pyproject({ name = 'mini', version = '1.0', dependencies = [], project = '', rest = '', buildSystem = SETUPTOOLS }: Parts = {}): string {
  const list = dependencies.map((requirement) => JSON.stringify(requirement)).join(', ');
  return `[build-system]\n${buildSystem}\n\n[project]\nname = "${name}"\nversion = "${version}"\ndependencies = [${list}]\n${project}\n${rest}\n`;
}

/** A console application without dependencies: `mini` prints its arguments as JSON, `mini exit N` ends with N. */
export function mini(parts: Parts = {}): Files {
  return {
    'pyproject.toml': pyproject({ ...parts, rest: `[project.scripts]\nmini = "mini:main"\n\n[tool.setuptools]\npackages = ["mini"]\n\n${parts.rest ?? ''}` }),
    'mini/__init__.py': `import json
import sys


def main():
    words = sys.argv[1:]
    if words[:1] == ["exit"]:
        sys.exit(int(words[1]))
    print(json.dumps(words))
`,
  };
}
