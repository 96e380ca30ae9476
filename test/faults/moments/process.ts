/** `pypackage all --json` as a process of its own that can be ended at any moment. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { runEvent } from '../../../src/protocol/documents.js';
import { CLI } from '../../engine/cli/pypackage.js';
import { beginning, partAt } from './timeline.js';
import type { Moment, Part, Timed } from './timeline.js';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly events: readonly Timed[];
  readonly stderr: string;
  /** Milliseconds from the start of the process to its end. */
  readonly ms: number;
}

export interface Ended extends Ending {
  /** Where it was when it was ended; undefined when it came to its end before. */
  readonly part: Part | undefined;
  /** Milliseconds from the signal to the end of the process. */
  readonly took: number;
}

export interface Surroundings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class RunningProcess {
  readonly events: Timed[] = [];
  readonly ended: Promise<Ending>;
  private readonly began = performance.now();
  private readonly child;
  private listener: ((timed: Timed) => void) | undefined;
  isOver = false;

  constructor({ args, env }: Surroundings) {
    this.child = spawn(process.execPath, [CLI, 'all', '--json', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    this.child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (stderr += chunk));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const timed = { event: runEvent.parse(JSON.parse(line)), at: performance.now() - this.began };
      this.events.push(timed);
      this.listener?.(timed);
    });
    this.ended = new Promise((resolve, reject) => {
      let ms = 0;
      this.child.once('error', reject).once('exit', () => {
        this.isOver = true;
        ms = performance.now() - this.began;
      });
      this.child.once('close', (code, signal) => resolve({ code, signal, events: this.events, stderr, ms }));
    });
  }

  /** Resolves at the moment, or when the process has ended. */
  async reach({ part, after }: Moment): Promise<void> {
    const begun = new Promise<void>((resolve) => {
      if (part === 'start') resolve();
      this.listener = ({ event }) => {
        if (beginning(event) === part) resolve();
      };
    });
    await Promise.race([begun, this.ended]);
    await Promise.race([new Promise((resolve) => setTimeout(resolve, after)), this.ended]);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}

export function runToEnd(surroundings: Surroundings): Promise<Ending> {
  return new RunningProcess(surroundings).ended;
}

/** Ends it at the moment, from outside: KILL, or INT as Ctrl+C does. */
export async function endAt(surroundings: Surroundings, moment: Moment, name: 'SIGKILL' | 'SIGINT'): Promise<Ended> {
  const running = new RunningProcess(surroundings);
  await running.reach(moment);
  const isOver = running.isOver;
  const part = isOver ? undefined : partAt(running.events);
  const at = performance.now();
  running.signal(name);
  const ending = await running.ended;
  return { ...ending, part, took: performance.now() - at };
}
