/** Whether we run in a container ourselves, and what that means for somebody whose engine is outside of it. */
import { access } from 'node:fs/promises';
import { UserError } from '../errors.js';
import type { Env } from './docker-config.js';

/** A dev container is one that an editor made from devcontainer.json; GitHub's Codespaces are such, with an engine of their own. */
export type Around = 'a dev container' | 'a codespace' | 'a container';

const MOUNT = '"mounts": ["source=/var/run/docker.sock,target=/var/run/docker.sock,type=bind"]';
const OUTSIDE_FEATURE = '"features": {"ghcr.io/devcontainers/features/docker-outside-of-docker:1": {}}';
const INSIDE_FEATURE = '"features": {"ghcr.io/devcontainers/features/docker-in-docker:2": {}}';

/** @param exists whether there is such a file; undefined as the answer: on a machine of its own */
export async function around(env: Env, exists: (file: string) => Promise<boolean> = isThere): Promise<Around | undefined> {
  // https://docs.github.com/en/codespaces/developing-in-a-codespace/default-environment-variables-for-your-codespace
  if (env['CODESPACES'] === 'true') return 'a codespace';
  // Set by the Dev Containers extension, and by others that follow it.
  if (env['REMOTE_CONTAINERS'] === 'true') return 'a dev container';
  // Docker makes the one in every container, Podman the other.
  return (await exists('/.dockerenv')) || (await exists('/run/.containerenv')) ? 'a container' : undefined;
}

export function whyInside(place: Around): string {
  return `This is ${place}, and the socket of an engine is not in it unless somebody brings it in`;
}

/** The next step: from the one who made the container, as nothing in it can do it. */
export function fixInside(place: Around): string {
  switch (place) {
    case 'a dev container':
      return `Add to devcontainer.json ${MOUNT}, or ${OUTSIDE_FEATURE}, and rebuild the container`;
    case 'a codespace':
      return `Add to devcontainer.json ${INSIDE_FEATURE}, and rebuild the container`;
    case 'a container':
      return 'Start the container with -v /var/run/docker.sock:/var/run/docker.sock, or name an engine elsewhere with --engine';
    default:
      return place satisfies never;
  }
}

/** A socket that is not there, or that was brought in without the right to use it, is another matter in a container. Anything else stays. */
export function seenInside(problem: UserError, place: Around | undefined): UserError {
  if (place === undefined) return problem;
  const { kind, code, message, why } = problem;
  if (code === 'engine-no-socket') {
    return new UserError({
      kind,
      code,
      message,
      why: [why, whyInside(place)].filter((part) => part !== undefined).join('. '),
      fix: fixInside(place),
      cause: problem,
    });
  }
  if (code === 'engine-no-permission' && place !== 'a container') {
    const fix = `Add to devcontainer.json ${OUTSIDE_FEATURE}, which gives the user of the container access, and rebuild it; or add the user to the group that owns the socket`;
    return new UserError({ kind, code, message, ...(why !== undefined && { why }), fix, cause: problem });
  }
  return problem;
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
