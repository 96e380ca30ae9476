/** Images: found, inspected, pulled, tagged, imported, removed. */
import type { Readable } from 'node:stream';
import { UserError } from '../../errors.js';
import type { CredentialsSource } from '../credentials.js';
import type { ImageDetails, ImageLayer, ImageSummary } from '../engine.js';
import { number, object, objects, text, textMap, texts } from '../json.js';
import type { Json } from '../json.js';
import type { Labels } from '../labels.js';
import { EngineRefusal, connectionLost, isMissing } from '../problems.js';
import { pullProblem } from '../pull-problem.js';
import { parseReference } from '../references.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { carrying, labelFilter } from './filters.js';
import type { LabelFilter } from './filters.js';
import { authHeader } from './registry-headers.js';

export async function findImages(api: EngineApi, labels: LabelFilter, signal: AbortSignal | undefined): Promise<readonly ImageSummary[]> {
  const query = { filters: labelFilter(api.dialect, labels) };
  const answer = await api.json({ method: 'GET', path: '/images/json', query, what: 'list its images', signal });
  const images = objects(answer).map((item) => ({
    id: text(item['Id']),
    tags: tagsOf(api, item),
    labels: labelsOf(api, item['Labels']),
    size: number(item['Size']),
    created: number(item['Created']) * 1000,
  }));
  return [...carrying(images, labels)].sort((a, b) => b.created - a.created);
}

export async function inspectImage(api: EngineApi, reference: string, signal: AbortSignal | undefined): Promise<ImageDetails | undefined> {
  const item = await inspectRaw(api, reference, signal);
  if (!item) return undefined;
  const config = object(item['Config']);
  return {
    id: text(item['Id']),
    tags: tagsOf(api, item),
    labels: labelsOf(api, config['Labels']),
    size: number(item['Size']),
    created: Date.parse(text(item['Created'])) || 0,
    repoDigests: texts(item['RepoDigests']).filter((digest) => !digest.startsWith('<none>')),
    layers: texts(object(item['RootFS'])['Layers']),
    platform: [text(item['Os']), text(item['Architecture']), text(item['Variant'])].filter(Boolean).join('/'),
    env: texts(config['Env']),
    command: texts(config['Cmd']),
    entrypoint: texts(config['Entrypoint']),
    user: text(config['User']),
    workingDir: text(config['WorkingDir']),
    ports: Object.keys(object(config['ExposedPorts'])),
  };
}

export async function imageLayers(api: EngineApi, image: string, signal: AbortSignal | undefined): Promise<readonly ImageLayer[]> {
  const answer = await api.json({ method: 'GET', path: `/images/${name(image)}/history`, what: `read the history of the image ${image}`, signal });
  return objects(answer).map((item) => ({ createdBy: text(item['CreatedBy']), size: number(item['Size']) }));
}

export async function inspectRaw(api: EngineApi, reference: string, signal: AbortSignal | undefined): Promise<Json | undefined> {
  try {
    return object(await api.json({ method: 'GET', path: `/images/${name(reference)}/json`, what: `inspect the image ${reference}`, signal }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Untagged images are `<none>:<none>` in some versions of the API. */
function tagsOf({ dialect }: EngineApi, item: Json): readonly string[] {
  const tags = texts(item['RepoTags']).filter((tag) => !tag.startsWith('<none>'));
  return tags.map((tag) => dialect.shownTag(tag));
}

function labelsOf({ dialect }: EngineApi, labels: unknown): Labels {
  return Object.fromEntries(Object.entries(textMap(labels)).filter(([key, value]) => dialect.isLabel(key, value)));
}

export async function pullImage(
  api: EngineApi,
  reference: string,
  credentials: CredentialsSource,
  onProgress: ((label: string, current: number, total: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { registry, name: image, tag, digest } = parseReference(reference);
  // Without a tag the engine would pull all of them.
  const query = digest === undefined ? { fromImage: image, tag } : { fromImage: `${image}@${digest}` };
  const headers = await authHeader(registry, credentials);
  try {
    for await (const line of api.lines({ method: 'POST', path: '/images/create', query, headers, what: `pull ${reference}`, signal, mayBeSilent: true })) {
      const problem = text(line['error']);
      if (problem !== '') throw pullProblem(reference, problem);
      const detail = object(line['progressDetail']);
      if (number(detail['total']) > 0) onProgress?.(`${text(line['status'])} ${text(line['id'])}`, number(detail['current']), number(detail['total']));
    }
  } catch (error) {
    throw error instanceof EngineRefusal ? pullProblem(reference, error.reason) : error;
  }
}

export async function tagImage(api: EngineApi, image: string, reference: string): Promise<void> {
  const { name: repo, tag, digest } = parseReference(reference);
  if (digest !== undefined || tag === undefined) throw new TypeError(`${reference} is not a name and a tag`);
  await api.nameInTurn(() =>
    api.send({ method: 'POST', path: `/images/${name(image)}/tag`, query: { repo, tag }, what: `tag the image ${image} as ${reference}` }),
  );
}

export async function removeImage(api: EngineApi, reference: string, force: boolean): Promise<void> {
  try {
    await api.nameInTurn(() => api.send({ method: 'DELETE', path: `/images/${name(reference)}`, query: { force }, what: `remove the image ${reference}` }));
  } catch (error) {
    if (isMissing(error)) return;
    if (!(error instanceof EngineRefusal)) throw error;
    if (/referenced in multiple repositories|with more than one tag/.test(error.reason)) return removeTags(api, reference);
    if (error.status !== 409) throw error;
    throw new UserError({
      kind: 'engine',
      code: 'image-in-use',
      message: `The image ${reference} is in use and was not removed`,
      why: error.reason,
      fix: 'Remove the containers and images that need it first',
      cause: error,
    });
  }
}

/** By its id an image with several tags is not removed: it goes with its last tag. */
async function removeTags(api: EngineApi, id: string): Promise<void> {
  const image = await inspectImage(api, id, undefined);
  for (const tag of image?.tags ?? []) await removeImage(api, tag, false);
}

/** What an import gets where the engine takes no tag for it. Never without a name: one that is killed in between is found by it. */
const UNASKED_TAG = 'latest';

export async function importImage(api: EngineApi, tar: Readable, reference: string, labels: Labels, signal: AbortSignal | undefined): Promise<string> {
  const { name: repo, tag } = parseReference(reference);
  const { importedLabel, importsWithTag } = api.dialect;
  const changes = Object.entries(labels).map(([key, value]) => importedLabel(key, value));
  const query = { fromSrc: '-', repo, ...(importsWithTag && { tag }), changes };
  const what = `import the image ${reference}`;
  // A tar that fails while it is being read destroys the request with its own error: the caller sees that one.
  let own: unknown;
  tar.once('error', (error) => (own = error));
  let id = '';
  try {
    for await (const line of api.lines({
      method: 'POST',
      path: '/images/create',
      query,
      body: tar,
      headers: { 'Content-Type': 'application/x-tar' },
      what,
      signal,
    })) {
      const problem = text(line['error']);
      if (problem !== '') throw new EngineRefusal(what, 200, problem);
      const status = text(line['status']);
      if (status.startsWith('sha256:')) id = status;
    }
  } catch (error) {
    throw signal?.aborted ? error : (own ?? error);
  }
  if (id === '') throw connectionLost(api.endpoint, undefined);
  if (!importsWithTag && tag !== UNASKED_TAG) {
    await tagImage(api, id, reference);
    await removeImage(api, `${repo}:${UNASKED_TAG}`, false);
  }
  return id;
}
