/** A way to an engine's socket on which a test has connections break off, go silent or be refused. */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Pipe {
  readonly client: Socket;
  readonly engine: Socket;
  isSilent: boolean;
}

export class FaultyWay {
  private readonly folder = mkdtempSync(join(tmpdir(), 'pypackage-way-'));
  readonly socket = join(this.folder, 'engine.sock');
  readonly url = `unix://${this.socket}`;
  private readonly pipes = new Set<Pipe>();
  private server: Server | undefined;
  private silences: (request: string) => boolean = () => false;
  /** First lines of the requests whose connection went silent for them. */
  readonly silenced: string[] = [];
  /** All connections that were ever made. */
  made = 0;

  constructor(private readonly target: string) {}

  static async open(target: string): Promise<FaultyWay> {
    const way = new FaultyWay(target);
    await way.up();
    return way;
  }

  async up(): Promise<void> {
    const server = createServer((client) => this.lead(client));
    this.server = server;
    await new Promise<void>((resolve) => {
      server.listen(this.socket, resolve);
    });
  }

  /** As an engine that is stopped. */
  async down(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    this.cut();
    await closed;
  }

  /** Breaks off all connections; new ones work. */
  cut(): void {
    for (const { client, engine } of this.pipes) {
      client.destroy();
      engine.destroy();
    }
  }

  /** All connections that there are stay open, and nothing goes over them any more: as behind a VPN that ended. New ones work. */
  silence(): void {
    for (const pipe of this.pipes) pipe.isSilent = true;
  }

  /** From now on a connection over which such a request (`GET /v1.41/events?since=…`) is sent goes silent instead. */
  silenceFor(fits: (request: string) => boolean): void {
    this.silences = fits;
  }

  get open(): number {
    return this.pipes.size;
  }

  async close(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private lead(client: Socket): void {
    this.made += 1;
    const pipe: Pipe = { client, engine: connect(this.target), isSilent: false };
    this.pipes.add(pipe);
    const end = (): void => {
      client.destroy();
      pipe.engine.destroy();
      this.pipes.delete(pipe);
    };
    client.on('error', () => undefined).on('close', end);
    pipe.engine.on('error', () => undefined).on('close', () => pipe.isSilent || end());
    client.on('data', (data) => {
      const line = /^[A-Z]+ \/\S* HTTP/.exec(data.toString('latin1', 0, 4096))?.[0].slice(0, -5);
      if (!pipe.isSilent && line !== undefined && this.silences(line)) {
        pipe.isSilent = true;
        this.silenced.push(line);
      }
      this.pass(pipe, client, pipe.engine, data);
    });
    pipe.engine.on('data', (data) => this.pass(pipe, pipe.engine, client, data));
    client.on('end', () => pipe.isSilent || pipe.engine.end());
    pipe.engine.on('end', () => pipe.isSilent || client.end());
  }

  private pass(pipe: Pipe, from: Socket, to: Socket, data: Uint8Array): void {
    if (pipe.isSilent || to.write(data)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }
}
