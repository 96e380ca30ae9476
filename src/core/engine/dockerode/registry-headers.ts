/** How credentials of registries travel with a request: never more than those of the registries that it asks. */
import type { CredentialsSource } from '../credentials.js';
import { parseReference } from '../references.js';

/** Of a pull. https://docs.docker.com/reference/api/engine/#section/Authentication */
export async function authHeader(registry: string, credentials: CredentialsSource): Promise<Record<string, string>> {
  const auth = await authOf(registry, credentials);
  return auth ? { 'X-Registry-Auth': encoded(auth) } : {};
}

/** Of a push, which engines refuse without the header, also where there is nothing to say in it. */
export async function pushHeader(registry: string, credentials: CredentialsSource): Promise<Record<string, string>> {
  return { 'X-Registry-Auth': encoded((await authOf(registry, credentials)) ?? {}) };
}

/** Of a build without a session, which names them all beforehand. */
export async function registryConfigHeader(references: readonly string[], credentials: CredentialsSource): Promise<Record<string, string>> {
  const auths: Record<string, object> = {};
  for (const registry of new Set(references.map((reference) => parseReference(reference).registry))) {
    const auth = await authOf(registry, credentials);
    if (auth) auths[auth.serveraddress] = auth;
  }
  return Object.keys(auths).length > 0 ? { 'X-Registry-Config': encoded(auths) } : {};
}

type Auth = { readonly serveraddress: string } & ({ readonly identitytoken: string } | { readonly username: string; readonly password: string });

async function authOf(registry: string, credentials: CredentialsSource): Promise<Auth | undefined> {
  const found = await credentials(registry);
  if (!found) return undefined;
  const serveraddress = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
  return found.kind === 'token' ? { identitytoken: found.identityToken, serveraddress } : { username: found.username, password: found.password, serveraddress };
}

/** base64url with its padding, without which Podman does not take it (RFC 4648, section 5). */
function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
