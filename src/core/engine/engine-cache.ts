/** One connection for each way to ask for an engine, kept between calls. */
import { throwIfAborted } from '../errors.js';
import { connectEngine } from './connect.js';
import { readDockerConfig } from './docker-config.js';
import type { EngineChoice } from './endpoints.js';
import type { Engine } from './engine.js';
import type { Redactor } from '../redactor.js';

/** An engine that does not answer is asked anew the next time, and so is one whose tunnel has ended: that stays so. */
export class EngineCache {
  private readonly engines = new Map<string, Promise<Engine>>();

  constructor(private readonly redactor: Redactor) {}

  async connect(choice: EngineChoice, signal: AbortSignal): Promise<Engine> {
    const { DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG } = choice.env;
    const current = await readDockerConfig(choice.env).then(
      (config) => config['currentContext'],
      () => undefined, // where it matters, connecting says what is wrong with it
    );
    throwIfAborted(signal);
    const key = JSON.stringify([choice.engine?.value, DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, current]);
    const known = this.engines.get(key);
    const engine = known ? known.then((engine) => this.usable(engine, choice, signal)) : connectEngine(choice, signal, this.redactor);
    this.engines.set(key, engine);
    engine.catch(() => {
      if (this.engines.get(key) === engine) this.engines.delete(key);
    });
    return engine;
  }

  close(): void {
    for (const engine of this.engines.values()) {
      engine.then(
        (connected) => connected.close(),
        () => undefined,
      );
    }
    this.engines.clear();
  }

  private usable(engine: Engine, choice: EngineChoice, signal: AbortSignal): Engine | Promise<Engine> {
    if (engine.info.endpoint.tunnel?.ended() === undefined) return engine;
    engine.close();
    return connectEngine(choice, signal, this.redactor);
  }
}
