/** The real command line, as a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BASE } from '../engine/harness.js';

/** What `npm run build` makes. */
export const CLI = process.env['PYPACKAGE_TEST_CLI'] ?? fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Call {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves with the whole output so far as soon as it matches; rejects when the process ends before. */
  printed(pattern: RegExp): Promise<string>;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The environment of a call: no colours forced by whoever runs the tests, a state and cache folder of its own. */
export function environment(home: string): Readonly<Record<string, string | undefined>> {
  const { FORCE_COLOR: _force, NO_COLOR: _no, CI: _ci, ...env } = process.env;
  return { ...env, HOME: home, XDG_STATE_HOME: `${home}/state`, XDG_CACHE_HOME: `${home}/cache`, PYPACKAGE_BASE_IMAGE: BASE };
}

/** Without an `input`, standard input is empty. */
export function start(argv: readonly string[], { cwd, env }: Surroundings, input = ''): Call {
  return follow(spawn(process.execPath, [CLI, ...argv], { cwd, env }), input);
}

/** Words for a shell that run the command line, with the environment of `shell`. */
export const PYPACKAGE = '"$NODE" "$CLI"';

/** A line for the shell. Its standard input stays open and silent, as a terminal's that nobody types at. */
export function shell(line: string, { cwd, env }: Surroundings): Call {
  return follow(spawn('bash', ['-c', line], { cwd, env: { ...env, NODE: process.execPath, CLI } }), undefined);
}

function follow(child: ChildProcessWithoutNullStreams, input: string | undefined): Call {
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    for (const check of waiting) check();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  // A command that does not read its input may end before it was written.
  child.stdin.on('error', () => undefined);
  if (input !== undefined) child.stdin.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    child,
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!pattern.test(stdout)) return;
          waiting.delete(check);
          resolve(stdout);
        };
        waiting.add(check);
        void ended.then(() => reject(new Error(`it ended before it printed ${pattern.source}:\n${stdout}${stderr}`)));
        check();
      }),
  };
}
