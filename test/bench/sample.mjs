// The application that is measured: the sample with forty more modules, so that packaging has something to do.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../../scripts/setup/processes.mjs';

export const MODULES = 40;

/** Copies the sample to `folder`, with the modules, as a Git repository with one commit, as projects are. */
export async function makeSample(source, folder, extraFiles = {}) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(source, folder, { recursive: true, filter: (file) => !['target', '__pycache__', 'build'].includes(basename(file)) && !file.endsWith('.egg-info') });
  const rules = join(folder, 'polls', 'rules');
  mkdirSync(rules);
  writeFileSync(join(rules, '__init__.py'), '');
  for (let at = 0; at < MODULES; at++) writeFileSync(join(rules, `rule_${number(at)}.py`), moduleText(at));
  writeFileSync(join(folder, '.dockerignore'), ['.git', 'target', '**/__pycache__', '.venv', 'db.sqlite3*', ''].join('\n'));
  for (const [path, text] of Object.entries(extraFiles)) writeFileSync(join(folder, path), text);
  const git = (...words) =>
    run('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.invalid', ...words], { cwd: folder, explain: `git ${words[0]}` });
  await git('init', '-q');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'The sample');
}

/** One file changes, to something that nobody has packaged before. */
export function edit(folder, who, round) {
  const file = join(folder, 'polls', 'rules', 'rule_07.py');
  const text = readFileSync(file, 'utf8').replace(/^# edited .*\n/, '');
  writeFileSync(file, `# edited for ${who}, round ${round}, ${Date.now()}\n${text}`);
}

function number(at) {
  return String(at).padStart(2, '0');
}

/** About sixty lines of plain code. */
function moduleText(at) {
  const functions = Array.from(
    { length: 8 },
    (_, index) => `

def rule_${number(at)}_${index}(votes: list[int], limit: int = ${at + index}) -> bool:
    """Whether more than \`limit\` votes went to the leader."""
    if not votes:
        return False
    leader = max(votes)
    others = sum(votes) - leader
    return leader - others > limit
`,
  );
  return `"""Rules, set ${at}."""
${functions.join('')}`;
}
