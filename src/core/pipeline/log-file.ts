/** The complete log of a run: every event as a line of text, in a file of its own. It never drops anything. */
import { createWriteStream, mkdirSync } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { join } from 'node:path';
import { roomIn } from '../pace.js';
import type { RunEvent } from './events.js';

/** Run ids look like `20261123-120455-7f3a`; files like `20261123-120455-polls-7f3a.log`, which sort by time. */
export function logFileName(run: string, target: string): string {
  const at = run.lastIndexOf('-');
  return `${run.slice(0, at)}-${target.replaceAll(/[^\w.-]+/g, '-')}${run.slice(at)}.log`;
}

export class LogFile {
  readonly path: string;
  private readonly stream: WriteStream;
  private broken = false;

  /** @throws when the folder cannot be made */
  constructor(folder: string, run: string, target: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = join(folder, logFileName(run, target));
    this.stream = createWriteStream(this.path, { mode: 0o600 });
    // A full disk must not end the run that is being logged.
    this.stream.on('error', () => (this.broken = true));
  }

  /** undefined while the disk keeps up; else what settles when there is room again. */
  write(event: RunEvent): Promise<void> | undefined {
    const line = lineOf(event);
    if (line === undefined || this.broken) return undefined;
    this.stream.write(`${timeOf(event)} ${line}\n`);
    return roomIn(this.stream);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.broken) resolve();
      else this.stream.end(resolve);
    });
  }
}

const timeOf = (event: RunEvent): string => event.time.slice(11, 23);

function lineOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'run.started':
      return `run ${event.run}: ${event.project.name} in ${event.project.root}, Python ${event.python}, ${event.engine}`;
    case 'stage.started':
      return `${event.stage}: started: ${event.reason}`;
    case 'stage.skipped':
      return `${event.stage}: ${event.reason}`;
    case 'stage.finished':
      return `${event.stage}: ${event.summary} in ${event.ms} ms${event.detail ? `: ${event.detail}` : ''}`;
    case 'stage.failed':
      return `${event.stage}: failed: ${event.error.message}${event.error.detail === undefined ? '' : `\n${event.error.detail}`}`;
    case 'step':
      return `${event.stage} | ${event.name}: ${event.state}${event.ms === undefined ? '' : ` (${Math.round(event.ms)} ms)`}`;
    case 'log': {
      const head = `${event.stage} ${event.stream === 'note' ? '*' : '|'} `;
      // An editor begins a line after a carriage return too: none may pass for a line of ours, and each state of a bar can be read.
      return head + event.text.replaceAll('\r', `\n${timeOf(event)} ${head}`);
    }
    case 'artifact':
      return `${event.stage}: made ${event.kind} ${event.name}${event.digest === undefined ? '' : ` ${event.digest}`}`;
    case 'progress':
      return undefined;
    case 'run.finished':
      return `run ${event.outcome} in ${event.ms} ms${event.error ? `: ${event.error.message}\n${event.error.detail ?? ''}` : ''}`;
  }
}
