import { readFileSync, statSync } from 'node:fs';
import { distribution, ensurePackages } from './packages.mjs';
import { which } from './processes.mjs';
import { SetupError } from './say.mjs';

/** A Chromium that playwright can drive: CHROMIUM names one, else Debian's package, else Chrome. */
export async function ensureChromium() {
  const named = process.env.CHROMIUM;
  if (named) {
    if (statSync(named, { throwIfNoEntry: false })?.isFile()) return named;
    throw new SetupError(`CHROMIUM is ${named}, where no file is.`);
  }
  const found = browser();
  if (found) return found;
  if (distribution() === 'ubuntu') {
    throw new SetupError(
      "The editor's tests need Chromium. Ubuntu's package is only a link to a snap, which cannot be driven: install Google Chrome, or set CHROMIUM to a Chromium's path.",
    );
  }
  await ensurePackages(['chromium'], "the editor's tests");
  const installed = browser();
  if (!installed) throw new SetupError('The package chromium brought no program of that name. Set CHROMIUM to a path.');
  return installed;
}

function browser() {
  return ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'].map(which).find((file) => file !== undefined && !isSnap(file));
}

/** Ubuntu's chromium-browser is a shell script that asks for a snap. */
function isSnap(file) {
  return file.startsWith('/snap/') || (statSync(file).size < 10_000 && readFileSync(file, 'utf8').includes('/snap/bin'));
}
