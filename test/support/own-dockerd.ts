/**
 * A Docker daemon that a test may stop, start again and fill: with its own files, network and processes, gone with the test's own process.
 * Needs root on Linux and Docker's programs, as all of scripts/engines does.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { carryImage } from '../../scripts/engines/carry.mjs';
import { startDockerd } from '../../scripts/engines/docker.mjs';
import type { Daemon } from '../../scripts/engines/docker.mjs';
import { connectEngine } from '../../src/core/engine/connect.js';
import type { Engine } from '../../src/core/engine/engine.js';
import { ENGINE_SOCKET } from './raw-engine.js';

export interface OwnDockerdOptions {
  /** Megabytes that its disk has. It is memory, and does not outlive a stop. Default: as much as this machine's. */
  readonly disk?: number;
}

export class OwnDockerd {
  private daemon: Daemon | undefined;

  private constructor(
    private readonly folder: string,
    private readonly options: OwnDockerdOptions,
  ) {}

  static async open(options: OwnDockerdOptions = {}): Promise<OwnDockerd> {
    const own = new OwnDockerd(await mkdtemp(join(tmpdir(), 'pypackage-own-')), options);
    await own.start();
    return own;
  }

  get socket(): string {
    return join(this.folder, 'docker.sock');
  }

  get url(): string {
    return `unix://${this.socket}`;
  }

  async start(): Promise<void> {
    const { disk } = this.options;
    const data = join(this.folder, 'data');
    await mkdir(data, { recursive: true });
    // Of one that was killed: the numbers in there are other processes' in the new namespace. A machine that starts again has none of it either.
    for (const left of ['pid', 'exec']) await rm(join(this.folder, left), { recursive: true, force: true });
    const before = disk === undefined ? '' : `mount -t tmpfs -o size=${disk}m disk '${data}'\n`;
    // A machine that is short of time stops its containers sooner than after the usual 15 s.
    const args = ['--shutdown-timeout', '3'];
    this.daemon = await startDockerd({ folder: this.folder, signal: new AbortController().signal }, { before, args });
  }

  /** Asked to, as by a service manager: it ends its containers first. */
  async stop(): Promise<void> {
    await this.daemon?.stop();
    this.daemon = undefined;
  }

  /** With all that ran on it, as a machine that loses its power. */
  async crash(): Promise<void> {
    if (this.daemon) process.kill(-this.daemon.pid, 'SIGKILL');
    await this.stop();
  }

  /** An image of the tests' engine. */
  async carry(reference: string): Promise<void> {
    await carryImage(`unix://${ENGINE_SOCKET}`, this.url, reference, new AbortController().signal);
  }

  connect(): Promise<Engine> {
    return connectEngine({ engine: { value: this.url, source: 'a test' }, env: process.env });
  }

  /** Fills its disk but for so many megabytes; nothing else happens in this process meanwhile. */
  fill(left: number): void {
    const data = join(this.folder, 'data');
    this.inside(
      `rm -f '${data}/filler'; free=$(( $(stat -f -c '%a * %S' '${data}') / 1024 )); head -c $(( (free - ${left} * 1024) * 1024 )) /dev/zero > '${data}/filler'`,
    );
  }

  empty(): void {
    this.inside(`rm -f '${join(this.folder, 'data', 'filler')}'`);
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Where its mounts are seen. */
  private inside(script: string): void {
    if (!this.daemon) throw new Error('the daemon does not run');
    // Its shell went on as the daemon; the process that is known waits for it in the namespaces outside.
    const child = readFileSync(`/proc/${this.daemon.pid}/task/${this.daemon.pid}/children`, 'utf8').trim().split(' ')[0] ?? '';
    execFileSync('nsenter', [`--mount=/proc/${child}/ns/mnt`, '--', 'sh', '-c', script]);
  }
}
