import { json } from './engine-client.mjs';
import { say } from './say.mjs';

/** `pt-1a2b3c4d/NAME:TAG` and `pypackage-test-1a2b3c4d/NAME:TAG`: a namespace for each file of tests, which nobody else uses. */
const OF_TESTS = /^((?:pt|pypackage-test)-[0-9a-f]{8})\//;
/** In ms. A file of tests takes minutes: a namespace in which nothing was named for so long is of a run that was killed. */
const ABANDONED = 40 * 60_000;

/**
 * Removes the images that killed test runs left on an engine, with the containers on them: what is found there is not
 * made again, and the tests of what a first run makes would see a second one.
 */
export async function removeLeftovers(url) {
  const tags = new Map();
  for (const { Id, RepoTags } of (await json(url, 'GET', '/images/json')) ?? []) {
    for (const tag of RepoTags ?? []) {
      const namespace = OF_TESTS.exec(tag)?.[1];
      if (namespace !== undefined) tags.set(namespace, [...(tags.get(namespace) ?? []), { tag, id: Id }]);
    }
  }
  const containers = tags.size === 0 ? [] : ((await json(url, 'GET', '/containers/json?all=1')) ?? []);
  let removed = 0;
  for (const [namespace, images] of tags) {
    const times = await Promise.all(images.map(({ id }) => lastNamed(url, id)));
    if (times.some((time) => time === undefined || Date.now() - time < ABANDONED)) continue;
    for (const { Id, Image } of containers) if (Image.startsWith(`${namespace}/`)) await discard(url, `/containers/${Id}?force=1&v=1`);
    for (const { tag } of images) await discard(url, `/images/${tag}`);
    removed += 1;
  }
  if (removed > 0) say(`Removed the images of ${removed} ${removed === 1 ? 'test file that was' : 'test files that were'} killed`);
}

/** In ms since 1970; undefined where the engine does not say. */
async function lastNamed(url, id) {
  const image = await json(url, 'GET', `/images/${id}/json`);
  // https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageInspect
  const time = Date.parse(image?.Metadata?.LastTagTime ?? '');
  return time > 0 ? time : undefined;
}

/** It may have gone, or be in use by what is not of tests: then it stays. */
async function discard(url, path) {
  try {
    await json(url, 'DELETE', path);
  } catch (error) {
    say(`  ${path} stays: ${error.message}`);
  }
}
