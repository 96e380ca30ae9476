/** Why an image could not be had from its registry, or brought there, from the engine's words. */
import { UserError } from '../errors.js';
import { parseReference } from './references.js';

export function pullProblem(reference: string, reason: string): UserError {
  const { registry } = parseReference(reference);
  const { code, fix } = classify(reason, registry);
  return new UserError({ kind: 'engine', code, message: `The image ${reference} cannot be pulled: ${reason.trim()}`, fix, cause: new Error(reason) });
}

export function pushProblem(reference: string, reason: string): UserError {
  const { registry } = parseReference(reference);
  const { code } = classify(reason, registry);
  return new UserError({
    kind: 'engine',
    code,
    message: `The image ${reference} cannot be pushed: ${reason.trim()}`,
    fix: pushFix(code, registry, reference),
    cause: new Error(reason),
  });
}

function pushFix(code: string, registry: string, reference: string): string {
  switch (code) {
    case 'registry-unreachable':
      return `Check that the engine reaches ${registry} (network, proxy)`;
    case 'registry-tls':
      return `Give the engine the certificate authority of ${registry}: https://docs.docker.com/engine/security/certificates/`;
    case 'registry-rate-limit':
      return `Wait, or log in: docker login ${registry}`;
    case 'registry-denied':
      return `Log in with a user who may push there: docker login ${registry}. A name for another registry: tag the image first`;
    default:
      return `Try it by hand: docker push ${reference}`;
  }
}

function classify(reason: string, registry: string): { code: string; fix: string } {
  // First what the network says: a registry that cannot be reached says nothing about the image.
  if (
    /dial tcp|no such host|i\/o timeout|TLS handshake|connection refused|network is unreachable|server misbehaving|deadline exceeded|Temporary failure|EOF$/i.test(
      reason,
    )
  ) {
    return {
      code: 'registry-unreachable',
      fix: `Check that the engine reaches ${registry} (network, proxy), or name a base image that the engine has: --base-image`,
    };
  }
  if (/x509|certificate/i.test(reason)) {
    return { code: 'registry-tls', fix: `Give the engine the certificate authority of ${registry}: https://docs.docker.com/engine/security/certificates/` };
  }
  if (/toomanyrequests|rate limit/i.test(reason)) return { code: 'registry-rate-limit', fix: `Wait, or log in: docker login ${registry}` };
  // Docker Hub answers "access denied" for repositories that do not exist, too.
  if (/denied|unauthorized|authentication|401|403|no basic auth/i.test(reason)) {
    return { code: 'registry-denied', fix: `Check the name; if the image is private, log in: docker login ${registry}` };
  }
  if (/not found|manifest unknown|404/i.test(reason)) return { code: 'image-not-found', fix: 'Check the name and the tag' };
  return { code: 'image-not-pulled', fix: `Try it by hand: docker pull ${registry === 'docker.io' ? 'IMAGE' : `${registry}/IMAGE`}` };
}
