import { spawn } from 'node:child_process';
import { accessSync, constants as modes, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { SetupError } from './say.mjs';

/** System tools often lie in folders that a plain user's PATH leaves out. */
export const SYSTEM_PATH = [process.env.PATH ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter);

/** The path of a command, or undefined. */
export function which(command) {
  for (const folder of SYSTEM_PATH.split(delimiter)) {
    const file = join(folder, command);
    try {
      accessSync(file, modes.X_OK);
      if (folder !== '' && statSync(file).isFile()) return file;
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/**
 * Runs a command to its end and gives back its standard output. What it prints goes to `log` where one is given, and the
 * last lines become part of the error when it fails.
 */
export async function run(command, args, { cwd, env, log, signal, explain = command } = {}) {
  const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'], signal });
  const tail = [];
  const chunks = [];
  let file;
  if (log) {
    mkdirSync(dirname(log), { recursive: true });
    file = createWriteStream(log);
  }
  const keep = (chunk) => {
    file?.write(chunk);
    tail.push(...chunk.toString().split(/\r?\n/).filter(Boolean));
    tail.splice(0, tail.length - 15);
  };
  child.stdout.on('data', (chunk) => {
    chunks.push(chunk);
    keep(chunk);
  });
  child.stderr.on('data', keep);
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`${explain} could not be started: ${error.message}`, { cause: error })));
    child.once('close', (status, by) => resolve(status ?? by));
  });
  if (file) {
    file.end();
    await finished(file);
  }
  if (code !== 0)
    throw new SetupError(
      [`${explain} failed (${code}).`, ...tail.map((line) => `  | ${line}`), ...(log ? [`The complete output is in ${log}`] : [])].join('\n'),
    );
  return Buffer.concat(chunks).toString();
}

/** Runs a command on this terminal and gives back its exit code. An abort ends it. */
export async function show(command, args, { cwd, env, signal } = {}) {
  const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'inherit', 'inherit'] });
  const timers = [];
  const end = () => {
    // In a terminal Ctrl-C has reached the command too: let it clean up by itself first.
    timers.push(
      setTimeout(() => child.kill('SIGTERM'), process.stdout.isTTY ? 8000 : 0),
      setTimeout(() => child.kill('SIGKILL'), 15_000),
    );
  };
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new SetupError(`${command} could not be started: ${error.message}`, { cause: error })));
      child.once('close', (status, by) => resolve(status ?? 128 + constants.signals[by]));
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
