/** What goes after a run beside old generations: candidates of runs that died, and caches of base images that nobody has any more. */
import { expect, test } from 'vitest';
import type { ImageSummary } from '../../../src/core/engine/engine.js';
import { LABEL } from '../../../src/core/engine/labels.js';
import type { Kind } from '../../../src/core/engine/labels.js';
import { Inventory } from '../../../src/core/pipeline/inventory.js';
import { candidates, goneBases } from '../../../src/core/pipeline/retention.js';

function image(id: string, kind: Kind, fingerprint: string, ...tags: readonly string[]): ImageSummary {
  return { id, tags, labels: { [LABEL.kind]: kind, [LABEL.fingerprint]: fingerprint }, size: 1, created: 1 };
}

function inventoryOf(...images: readonly ImageSummary[]): Promise<Inventory> {
  return Inventory.of({ findImages: () => Promise.resolve(images) }, new AbortController().signal);
}

test('candidates are those of the target alone', async () => {
  const inventory = await inventoryOf(
    image('1', 'release', 'a', 'local/app-release:1.0', 'local/app-release:candidate-aaaaaaaaaaaa'),
    image('2', 'release', 'b', 'local/app-release:candidate-bbbbbbbbbbbb', 'local/app-release-notes:candidate-1', 'team/app-release:candidate-bbbbbbbbbbbb'),
    image('3', 'base', 'c', 'local/app-base:candidate-cccccccccccc'),
    image('4', 'release', 'd', 'local/other-release:candidate-dddddddddddd'),
  );
  const found = candidates({ inventory, namespace: 'local', target: 'app' });
  expect(found).toEqual(['local/app-release:candidate-aaaaaaaaaaaa', 'local/app-release:candidate-bbbbbbbbbbbb']);
});

test('a cache goes with the last name of its base image', async () => {
  const inventory = await inventoryOf(
    image('1', 'base', 'gone', 'local/app-base:1'),
    image('2', 'base', 'shared', 'local/app-base:2', 'local/other-base:2'),
    image('3', 'base', 'twice', 'local/app-base:3'),
    image('4', 'base', 'twice', 'team/app-base:3'),
    image('5', 'base', 'nameless'),
    image('6', 'builder', 'builder', 'local/app-builder:1'),
  );
  const removed = ['local/app-base:1', 'local/app-base:2', 'local/app-base:3', '5', 'local/app-builder:1'];
  expect([...goneBases({ inventory }, new Set(removed))]).toEqual(['gone', 'nameless']);
});
