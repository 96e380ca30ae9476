import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trouble } from '../setup/engine-client.mjs';
import { SetupError } from '../setup/say.mjs';
import { isolate } from './isolation.mjs';

/**
 * Starts an engine's daemon apart from everything else on this machine and waits until it answers.
 * @param script ends with the daemon's own command
 * @param socket where it listens
 */
export async function startDaemon(script, { folder, socket, env, signal }) {
  const daemon = await isolate(script, { folder, env });
  const url = `unix://${socket}`;
  for (const began = Date.now(); ; await sleep(100)) {
    if ((await trouble(url)) === undefined) return { ...daemon, url, socket };
    if (!daemon.hasEnded() && !signal.aborted && Date.now() - began < 60_000) continue;
    const why = signal.aborted ? 'stopped' : daemon.hasEnded() ? 'it ended at once' : 'it did not answer within 60 s';
    await daemon.stop();
    throw new SetupError(`${why}. The end of its log:\n${logTail(folder)}`);
  }
}

export function logTail(folder) {
  const log = join(folder, 'log');
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
  return lines
    .slice(-8)
    .map((line) => `    | ${line}`)
    .join('\n');
}

/** A word of a shell script. */
export function quote(word) {
  return `'${String(word).replaceAll("'", `'\\''`)}'`;
}

export function quoted(words) {
  return words.map(quote).join(' ');
}
