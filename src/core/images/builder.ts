/** builder: base, compilers and headers, pip, and the project's build backend ready to be called. Ships to nobody. */
import network from './network.sh';
import { NETWORK_MOUNTS, USE_NETWORK, aptInstall, aptMounts, fileMount, recipe, runLine, MOUNT_ROOT } from './dockerfile.js';
import type { Recipe } from './dockerfile.js';
import { BUILD_ENV, PIP_ENV, pipRequirement } from './tools.js';

export interface BuilderFacts {
  /** The base image's reference. */
  readonly base: string;
  /** `3.13` */
  readonly python: string;
  /** `debian-12`: caches of apt are kept by it. */
  readonly distribution: string;
  /** Whether python3 is the distribution's own: then its headers and ensurepip are packages. */
  readonly systemPython: boolean;
  /** Debian packages that the dependencies need for compiling. */
  readonly systemPackages: readonly string[];
  /** PEP 518 build requirements of the project, and options, as lines of a requirements file. */
  readonly buildRequires: readonly string[];
  /** Whether they are all that is needed, each with its hashes. */
  readonly areLocked: boolean;
}

export const COMPILERS = ['build-essential', 'pkg-config', 'git', 'libffi-dev', 'libssl-dev'];

export function builderRecipe(facts: BuilderFacts): Recipe {
  const packages = [...COMPILERS, ...(facts.systemPython ? ['python3-dev', 'python3-venv'] : []), ...facts.systemPackages];
  // pip's own key for a wheel that it built knows no distribution.
  const pipCache = `type=cache,id=pypackage-pip-${facts.distribution}-${facts.python},target=/root/.cache/pip`;
  const instructions = [
    `FROM ${facts.base}`,
    'USER 0',
    // HOME decides where pip and compilers keep their caches.
    'ENV HOME=/root',
    runLine({
      mounts: [...NETWORK_MOUNTS, ...aptMounts(facts.distribution)],
      commands: [USE_NETWORK, ...aptInstall([...new Set(packages)].sort())],
    }),
    runLine({
      mounts: [...NETWORK_MOUNTS, fileMount('pip.txt'), pipCache],
      commands: [
        USE_NETWORK,
        `python3 -m venv ${PIP_ENV}`,
        `${PIP_ENV}/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r ${MOUNT_ROOT}/pip.txt`,
        `python3 -m venv --without-pip ${BUILD_ENV}`,
      ],
    }),
    ...(facts.buildRequires.length > 0
      ? [
          runLine({
            mounts: [...NETWORK_MOUNTS, fileMount('build-requires.txt'), pipCache],
            commands: [
              USE_NETWORK,
              `${PIP_ENV}/bin/python -m pip --python ${BUILD_ENV}/bin/python install --disable-pip-version-check ${facts.areLocked ? '--require-hashes --no-deps ' : ''}-r ${MOUNT_ROOT}/build-requires.txt`,
            ],
          }),
        ]
      : []),
    'WORKDIR /src',
    'ENTRYPOINT []',
  ];
  return recipe('Dockerfile.builder', instructions, {
    'network.sh': network,
    'pip.txt': `${pipRequirement(facts.python)}\n`,
    'build-requires.txt': `${facts.buildRequires.join('\n')}\n`,
  });
}
