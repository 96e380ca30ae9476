/** What anybody could see of a run while it works: every container as the engine shows it, and every command line of this machine. */
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ask, call } from './raw-engine.js';

const EVERY_MS = 50;

export class Witness {
  /** By container: its inspection when it was last seen. */
  readonly containers = new Map<string, string>();
  readonly commandLines = new Set<string>();
  private readonly over = new AbortController();
  private looking: Promise<void> | undefined;

  start(): void {
    this.looking = this.look();
  }

  async end(): Promise<void> {
    this.over.abort();
    await this.looking;
  }

  private async look(): Promise<void> {
    while (!this.over.signal.aborted) {
      const listed = await ask(z.array(z.object({ Id: z.string() })), '/containers/json?all=1');
      await Promise.all(
        listed.map(async ({ Id }) => {
          const inspected = await call('GET', `/containers/${Id}/json`).catch(() => undefined);
          if (inspected !== undefined) this.containers.set(Id, inspected); // else it is gone
        }),
      );
      for (const line of commandLines()) this.commandLines.add(line);
      await sleep(EVERY_MS, undefined, { signal: this.over.signal }).catch(() => undefined);
    }
  }
}

function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      } catch {
        return []; // it has ended
      }
    });
}
