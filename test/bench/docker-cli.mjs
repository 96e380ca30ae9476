// The docker command line that the peers use: one with BuildKit, which Docker 23 and later needs the buildx plugin for.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ensurePackages } from '../../scripts/setup/packages.mjs';
import { run, SYSTEM_PATH } from '../../scripts/setup/processes.mjs';
import { SetupError } from '../../scripts/setup/say.mjs';

export async function findDocker(env) {
  // Debian 12 has it in one package, later releases in three.
  for (const packages of [[], ['docker.io'], ['docker-cli', 'docker-buildx']]) {
    if (packages.length > 0) await ensurePackages(packages, 'the docker command line that is compared with');
    const found = await usable(env);
    if (found) return found;
  }
  throw new SetupError('No docker command line with BuildKit is here: install the buildx plugin, or docker.io before version 23.');
}

async function usable(env) {
  const named = process.env.DOCKER_CLI;
  const files = named ? [named] : [...new Set(SYSTEM_PATH.split(delimiter).map((folder) => join(folder, 'docker')))].filter((file) => existsSync(file));
  for (const file of files) {
    const version = await run(file, ['version', '--format', '{{.Client.Version}}'], { env }).catch(() => undefined);
    if (version === undefined) continue;
    const buildx = await run(file, ['buildx', 'version'], { env }).catch(() => undefined);
    // With an unknown plugin old clients print their help and end well.
    const plugin = /^github\.com\/docker\/buildx (\S+)/.exec(buildx ?? '')?.[1];
    if (plugin === undefined && Number.parseInt(version, 10) >= 23) continue;
    return { file, version: version.trim(), builder: plugin === undefined ? 'BuildKit through the command line itself' : `buildx ${plugin}` };
  }
  return undefined;
}
