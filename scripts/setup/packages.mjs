import { readFileSync } from 'node:fs';
import { SetupError, step } from './say.mjs';
import { run, SYSTEM_PATH, which } from './processes.mjs';

let updated = false;

/** Installs packages of Debian or Ubuntu, as root; anywhere else it says what to install. */
export async function ensurePackages(list, why) {
  const names = list.join(' ');
  if (process.platform !== 'linux' || !which('apt-get'))
    throw new SetupError(`${why} needs ${names}. Install what your system calls these, then run this again.`);
  if (process.getuid?.() !== 0) throw new SetupError(`${why} needs ${names}. Install them, then run this again:\n  sudo apt-get install ${names}`);
  await step(`Installing ${names}, for ${why} (apt-get)`, async () => {
    const options = { env: { ...process.env, PATH: SYSTEM_PATH, DEBIAN_FRONTEND: 'noninteractive' } };
    if (!updated) await run('apt-get', ['update', '-q'], { ...options, explain: 'apt-get update' });
    updated = true;
    await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...list], { ...options, explain: `apt-get install ${names}` });
  });
}

/** `ID` of os-release: `debian`, `ubuntu` … */
export function distribution() {
  try {
    return /^ID="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
