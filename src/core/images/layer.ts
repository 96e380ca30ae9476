/** layer: base with the dependencies installed. Keyed by their lock, so an edit of the application leaves it alone. */
import checkRelease from '../containers/check_release.py';
import install from '../containers/install.py';
import systemPackages from '../containers/system_packages.py';
import network from './network.sh';
import { APP_USER } from './base.js';
import { MOUNT_ROOT, NETWORK_MOUNTS, USE_NETWORK, aptInstall, aptMounts, fileMount, imageMount, recipe, runLine } from './dockerfile.js';
import type { Recipe } from './dockerfile.js';
import { PIP_ENV, WHEELHOUSE } from './tools.js';

export interface LayerFacts {
  readonly base: string;
  readonly builder: string;
  /** Reference of the dependency wheels' image; undefined where there are no dependencies. */
  readonly dependencies: string | undefined;
  readonly distribution: string;
  /** Debian packages that the wheels' libraries need at run time. */
  readonly systemPackages: readonly string[];
  /** Seconds since 1970. */
  readonly sourceDateEpoch: number;
}

export function layerRecipe(facts: LayerFacts): Recipe {
  const lines = [`FROM ${facts.base}`, 'USER 0'];
  if (facts.systemPackages.length > 0) {
    lines.push(
      runLine({
        mounts: [...NETWORK_MOUNTS, ...aptMounts(facts.distribution)],
        // apt's and dpkg's logs and ldconfig's cache say when it ran: they would make the layer differ each time.
        commands: [
          USE_NETWORK,
          ...aptInstall(facts.systemPackages),
          'rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/ldconfig/aux-cache /var/cache/debconf/*-old /var/lib/dpkg/*-old',
        ],
      }),
    );
  }
  if (facts.dependencies !== undefined) {
    lines.push(
      runLine({
        mounts: [
          imageMount(facts.dependencies, WHEELHOUSE, 'wheelhouse'),
          imageMount(facts.builder, PIP_ENV, 'pip'),
          fileMount('install.py'),
          fileMount('check_release.py'),
          fileMount('system_packages.py'),
        ],
        commands: [`SOURCE_DATE_EPOCH=${facts.sourceDateEpoch} /appenv/bin/python ${MOUNT_ROOT}/install.py`],
      }),
    );
  }
  lines.push(`USER ${APP_USER}`);
  return recipe('Dockerfile.layer', lines, {
    'network.sh': network,
    'install.py': install,
    'check_release.py': checkRelease,
    'system_packages.py': systemPackages,
  });
}
