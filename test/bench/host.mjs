// The pipeline as the editor runs it: dist/worker.js in a thread of a process that lives on, asked by messages.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SetupError } from '../../scripts/setup/say.mjs';
import { edit, makeSample } from './sample.mjs';

export class EditorHost {
  name = 'pypackage-host';
  title = "pypackage in the editor's host";
  next = 1;
  waiting = new Map();

  constructor(context) {
    this.context = context;
    this.folder = join(context.work, 'sources', this.name);
  }

  async prepare() {
    await makeSample(this.context.sample, this.folder);
    this.worker = new Worker(this.context.worker, { env: this.context.env, execArgv: [] });
    this.worker.on('message', (message) => this.receive(message));
    this.worker.on('error', (error) => {
      for (const { reject } of this.waiting.values()) reject(error);
    });
  }

  async start(round) {
    this.base = round.base;
    return await this.run(true);
  }

  again() {
    return this.run(false);
  }

  edit(round) {
    edit(this.folder, this.name, round);
    return this.run(true);
  }

  async run(expected) {
    const began = performance.now();
    const outcome = await this.call({
      method: 'run',
      params: {
        folder: this.folder,
        baseImage: { reference: this.base, source: 'benchmark' },
        // A namespace of its own: two checkouts that share one take each other's tags away.
        namespace: `${this.context.prefix}-host`,
        logDir: join(this.context.work, 'logs'),
        stages: ['base', 'builder', 'wheels', 'release'],
        verb: 'all',
      },
    });
    const ms = performance.now() - began;
    if (outcome.outcome !== 'done' || outcome.changed !== expected)
      throw new SetupError(`In the host: ${JSON.stringify(outcome)}, where changed ${expected} was expected`);
    return ms;
  }

  call(call) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ type: 'call', id, call });
    });
  }

  receive(message) {
    const { resolve, reject } = this.waiting.get(message.id);
    switch (message.type) {
      case 'events':
        for (const event of message.events) if (event.type === 'artifact' && event.kind === 'image') this.context.images.set(event.name, event.digest);
        this.worker.postMessage({ type: 'ack', id: message.id });
        return;
      case 'reply':
        this.waiting.delete(message.id);
        resolve(message.value);
        return;
      case 'failure':
        this.waiting.delete(message.id);
        reject(new SetupError(`In the host: ${message.error.message}`));
        return;
      default:
        throw new Error(`The worker sent ${message.type}`);
    }
  }

  async end() {
    await this.worker?.terminate();
  }
}
