/** Somebody else's container, image, volume and network: as like ours as they can be without our labels. */
import { z } from 'zod';
import { call, discard } from './raw-engine.js';

const created = z.object({ Id: z.string() });

export class Foreign {
  private constructor(
    private readonly name: string,
    readonly container: string,
    readonly image: string,
  ) {}

  /** @param base an image with `sleep` @param tag of the foreign image, `acme/polls-release:other` */
  static async make(name: string, base: string, tag: string, labels: Readonly<Record<string, string>> = {}): Promise<Foreign> {
    await call('POST', '/volumes/create', JSON.stringify({ Name: name, Labels: labels }));
    await call('POST', '/networks/create', JSON.stringify({ Name: name, Labels: labels }));
    const body = { Image: base, Entrypoint: [], Cmd: ['sleep', '600'], Labels: labels, HostConfig: { Binds: [`${name}:/data`] } };
    const { Id } = created.parse(JSON.parse(await call('POST', `/containers/create?name=${name}`, JSON.stringify(body))));
    await call('POST', `/containers/${Id}/start`);
    const [repo, suffix] = tag.split(':');
    const committed = await call(
      'POST',
      `/commit?container=${Id}&repo=${encodeURIComponent(repo ?? '')}&tag=${suffix}`,
      JSON.stringify({ Labels: labels, Cmd: ['sleep', '600'] }),
    );
    return new Foreign(name, Id, created.parse(JSON.parse(committed)).Id);
  }

  /** All that the engine says of them: equal before and after what must not touch them. */
  async state(): Promise<readonly string[]> {
    const all = [`/containers/${this.container}/json`, `/images/${this.image}/json`, `/volumes/${this.name}`, `/networks/${this.name}`];
    return Promise.all(all.map((path) => call('GET', path)));
  }

  async discard(): Promise<void> {
    for (const path of [`/containers/${this.container}?force=1&v=1`, `/images/${this.image}?force=1`, `/volumes/${this.name}`, `/networks/${this.name}`])
      await discard(path);
  }
}
