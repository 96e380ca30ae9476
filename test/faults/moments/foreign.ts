/** Other people's objects, as like ours as they can be, and whether they are as they were. */
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { LABEL } from '../../../src/core/engine/labels.js';
import { packFiles } from '../../../src/core/engine/tar.js';
import { ask, call, discard, open } from '../../support/raw-engine.js';

export interface Ours {
  readonly namespace: string;
  readonly projectId: string;
  readonly target: string;
  /** A base image with `sleep`. */
  readonly image: string;
}

type Labels = Readonly<Record<string, string>>;

const created = z.object({ Id: z.string() });
const anything = z.record(z.string(), z.unknown());

export class ForeignObjects {
  private readonly containers: string[] = [];
  private readonly networks: string[] = [];
  private readonly volumes: string[] = [];
  private readonly images: string[] = [];
  private before = '';

  constructor(private readonly ours: Ours) {}

  async make(): Promise<void> {
    const { namespace, projectId, target } = this.ours;
    const neighbour = `neighbour-${namespace.slice(-8)}`;
    const dead = { [LABEL.run]: '20200101-000000-dead' };
    const othersProject = { [LABEL.project]: neighbour, [LABEL.target]: target };
    const otherTarget = { [LABEL.project]: projectId, [LABEL.target]: `${target}-other` };
    await this.container(`pypackage-lease-${neighbour}-${target}`, {}, 'running');
    await this.container(`pypackage-job-${neighbour}`, {}, 'exited');
    await this.container(`${neighbour}-made`, { 'com.example.project': projectId }, 'created');
    await this.container(`${neighbour}-job`, { [LABEL.kind]: 'job', ...dead, ...othersProject }, 'running');
    await this.container(`${neighbour}-lease`, { [LABEL.kind]: 'lease', ...dead, ...othersProject }, 'created');
    await this.container(`${neighbour}-target`, { [LABEL.kind]: 'job', ...dead, ...otherTarget }, 'exited');
    await this.container(`${neighbour}-service`, { [LABEL.kind]: 'service', ...othersProject }, 'running');
    await this.network(`pypackage-${neighbour}`, {});
    await this.network(`${neighbour}-labelled`, othersProject);
    await this.volume(`pypackage-cache-${neighbour}`, {});
    await this.volume(`${neighbour}-cache`, { [LABEL.kind]: 'cache', [LABEL.fingerprint]: 'f'.repeat(64) });
    await this.volume(`${neighbour}-data`, { [LABEL.kind]: 'data', [LABEL.project]: projectId, [LABEL.target]: target });
    const release = { [LABEL.kind]: 'release', [LABEL.fingerprint]: 'e'.repeat(64) };
    await this.image(`${namespace}/${target}-release-notes:candidate-1`, {});
    await this.image(`${namespace}/${target}-release:handmade`, {});
    await this.image(`${namespace}/${neighbour}-release:candidate-eeeeeeeeeeee`, { ...release, ...othersProject });
    await this.image(`${namespace}/${target}-other-release:candidate-eeeeeeeeeeee`, { ...release, ...otherTarget });
    await this.image(`${namespace}/${neighbour}-wheels:dddddddddddd`, { [LABEL.kind]: 'wheels', [LABEL.fingerprint]: 'd'.repeat(64) });
    await this.image(undefined, {});
    await this.image(undefined, { ...release, ...othersProject });
    await this.image(undefined, { [LABEL.kind]: 'wheels', [LABEL.fingerprint]: 'd'.repeat(64) });
    this.before = await this.record();
  }

  /** What has changed, as two texts to compare. */
  async compare(): Promise<{ readonly before: string; readonly now: string }> {
    return { before: this.before, now: await this.record() };
  }

  async remove(): Promise<void> {
    for (const id of this.containers) await discard(`/containers/${id}?force=1&v=1`);
    for (const id of this.networks) await discard(`/networks/${id}`);
    for (const name of this.volumes) await discard(`/volumes/${name}?force=1`);
    for (const id of this.images) await discard(`/images/${id}?force=1`);
  }

  private async record(): Promise<string> {
    const lines = await Promise.all([
      ...this.containers.map((id) => one(`/containers/${id}/json`, ['Id', 'Name', 'Image', 'State', 'Config', 'RestartCount'])),
      ...this.networks.map((id) => one(`/networks/${id}`, ['Id', 'Name', 'Labels', 'IPAM'])),
      ...this.volumes.map((name) => one(`/volumes/${name}`, ['Name', 'Labels', 'CreatedAt', 'Mountpoint'])),
      ...this.images.map((id) => one(`/images/${id}/json`, ['Id', 'RepoTags', 'RootFS', 'Config'])),
    ]);
    return lines.join('\n');
  }

  private async container(name: string, labels: Labels, state: 'created' | 'running' | 'exited'): Promise<void> {
    const Cmd = state === 'exited' ? ['true'] : ['sleep', '86400'];
    const body = { Image: this.ours.image, Cmd, Labels: labels, HostConfig: { NetworkMode: 'none', Init: true } };
    const { Id } = created.parse(JSON.parse(await call('POST', `/containers/create?name=${name}`, JSON.stringify(body))));
    this.containers.push(Id);
    if (state !== 'created') await call('POST', `/containers/${Id}/start`);
    if (state === 'exited') await call('POST', `/containers/${Id}/wait`);
  }

  private async network(name: string, labels: Labels): Promise<void> {
    const answer = await call('POST', '/networks/create', JSON.stringify({ Name: name, Labels: labels }));
    this.networks.push(created.parse(JSON.parse(answer)).Id);
  }

  private async volume(name: string, labels: Labels): Promise<void> {
    await call('POST', '/volumes/create', JSON.stringify({ Name: name, Labels: labels }));
    this.volumes.push(name);
  }

  /** Each with a content of its own, so that no two are one image. */
  private async image(reference: string | undefined, labels: Labels): Promise<void> {
    const query = new URLSearchParams({ fromSrc: '-' });
    // A form that Docker and Podman both understand.
    for (const [name, value] of Object.entries(labels)) query.append('changes', `LABEL ${name}=${value}`);
    const content = packFiles([{ path: 'foreign', content: `${this.ours.namespace} ${this.images.length}`, mode: 0o644 }]);
    const answer = await text(await open('POST', `/images/create?${query.toString()}`, content));
    const id = /sha256:[0-9a-f]{64}/.exec(answer)?.[0];
    if (id === undefined) throw new Error(`no image was made: ${answer}`);
    this.images.push(id);
    if (reference === undefined) return;
    const [repo, tag] = reference.split(':');
    // Podman's import takes no tag.
    await call('POST', `/images/${id}/tag?${new URLSearchParams({ repo: repo ?? '', tag: tag ?? '' }).toString()}`);
  }
}

/** Some fields of what an engine tells of an object; or that it is gone. */
async function one(path: string, fields: readonly string[]): Promise<string> {
  try {
    const found = await ask(anything, path);
    return `${path}: ${JSON.stringify(Object.fromEntries(fields.map((field) => [field, found[field]])))}`;
  } catch (error) {
    return `${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
