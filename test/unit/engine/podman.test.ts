import { describe, expect, it } from 'vitest';
import { instructions } from '../../../src/core/engine/dockerode/dockerfile-instructions.js';
import { PODMAN } from '../../../src/core/engine/dockerode/podman.js';
import { containerStep } from '../../../src/core/engine/dockerode/podman-step.js';
import { carrying, labelFilter } from '../../../src/core/engine/dockerode/filters.js';
import { builderRecipe } from '../../../src/core/images/builder.js';
import { layerRecipe } from '../../../src/core/images/layer.js';
import type { Recipe } from '../../../src/core/images/dockerfile.js';

const builder = builderRecipe({
  base: 'base',
  python: '3.13',
  distribution: 'debian-12',
  systemPython: true,
  systemPackages: [],
  buildRequires: ['hatchling'],
  areLocked: false,
});
const layer = layerRecipe({ base: 'b', builder: 'w', dependencies: 'd', distribution: 'debian-12', systemPackages: ['libpq5'], sourceDateEpoch: 1 });

function steps({ text, files }: Recipe): readonly (readonly [string, boolean])[] {
  return instructions(text).map((instruction) => [instruction.text.slice(0, 40), containerStep(instruction, files) !== undefined] as const);
}

describe('steps on Podman', () => {
  it('run in a container where they use the network, and in its own build where they do not', () => {
    const inContainer = (recipe: Recipe): readonly string[] => steps(recipe).flatMap(([text, isContainer]) => (isContainer ? [text.split(' ')[0] ?? ''] : []));
    expect(inContainer(builder)).toEqual(['RUN', 'RUN', 'RUN']);
    expect(inContainer(layer)).toEqual(['RUN']);
    expect(steps(layer).filter(([text]) => text.startsWith('RUN'))).toHaveLength(2); // the other one mounts images
  });

  it('get the files and caches that their mounts name, and the command without its flags', () => {
    const [step] = instructions(builder.text).flatMap((instruction) => containerStep(instruction, builder.files) ?? []);
    expect(step?.files).toEqual([{ path: '/run/pypackage/network.sh', content: builder.files['network.sh'], mode: 0o644 }]);
    expect(step?.caches).toEqual([
      { volume: 'pypackage-build-pypackage-apt-debian-12-apt', target: '/var/cache/apt', isLocked: true },
      { volume: 'pypackage-build-pypackage-apt-debian-12-lists', target: '/var/lib/apt/lists', isLocked: true },
    ]);
    expect(step?.command).toMatch(/^\. \/run\/pypackage\/network\.sh\s+&& apt-get -qq update\s+&& DEBIAN_FRONTEND=noninteractive apt-get .* build-essential /);
  });

  it.each([
    ['no secret', 'RUN --mount=type=cache,target=/c true'],
    ['the words of a program', 'RUN --mount=type=secret,id=a ["true"]'],
    ['a here-document', 'RUN --mount=type=secret,id=a <<EOF\ntrue\nEOF'],
    ['another image', 'RUN --mount=type=secret,id=a --mount=type=bind,from=x,target=/x true'],
    ['a secret that must be there', 'RUN --mount=type=secret,id=a,required=true true'],
    ['a secret elsewhere', 'RUN --mount=type=secret,id=a,target=/x true'],
    ['a file that the context lacks', 'RUN --mount=type=secret,id=a --mount=type=bind,source=f,target=/f true'],
    ['another flag', 'RUN --mount=type=secret,id=a --network=none true'],
    ['no RUN', 'COPY a b'],
  ])('stay in the build with %s', (_what, text) => {
    expect(instructions(text).map((instruction) => containerStep(instruction, {}))).toEqual([undefined]);
  });
});

describe('what Podman does in a way of its own', () => {
  it('names are shown as people write them', () => {
    expect(['docker.io/library/python:3', 'docker.io/acme/a:1', 'localhost/a:1', 'quay.io/b/c:2', 'a:1'].map(PODMAN.shownTag)).toEqual([
      'python:3',
      'acme/a:1',
      'a:1',
      'quay.io/b/c:2',
      'a:1',
    ]);
  });

  it('a filter asks for one label, and all are looked at', () => {
    const labels = { a: '1', b: null };
    expect(labelFilter(PODMAN, labels)).toBe('{"label":["a=1"]}');
    const items = [{ labels: { a: '1', b: '' } }, { labels: { a: '1' } }, { labels: { a: '2', b: '' } }];
    expect(carrying(items, labels)).toEqual([{ labels: { a: '1', b: '' } }]);
  });

  it('an imported label is taken as it is, and one that would be changed is refused', () => {
    expect(PODMAN.importedLabel('k', '{"a":"b $c \\d"}')).toBe('LABEL k={"a":"b $c \\d"}');
    for (const value of ['"x"', ' x', 'a\nb']) expect(() => PODMAN.importedLabel('k', value)).toThrow(/quote or a space/);
  });
});
