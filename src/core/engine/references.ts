/** Image references: https://pkg.go.dev/github.com/distribution/reference */

export interface Reference {
  /** `docker.io` where none is named. */
  readonly registry: string;
  /** Without tag and digest, as it was written. */
  readonly name: string;
  /** `latest` where neither tag nor digest is named. */
  readonly tag: string | undefined;
  /** `sha256:…` */
  readonly digest: string | undefined;
}

export function parseReference(reference: string): Reference {
  const [rest, digest] = split(reference, '@');
  const slash = rest.lastIndexOf('/');
  const colon = rest.indexOf(':', slash + 1);
  const name = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  const first = name.includes('/') ? name.slice(0, name.indexOf('/')) : '';
  const registry = first.includes('.') || first.includes(':') || first === 'localhost' ? first : 'docker.io';
  return { registry, name, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Registry, path, tag, digest. An engine's own words for a bad one name no cause. */
const REFERENCE =
  /^(?:[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+|\/)[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,})?$/;

export function isImageReference(text: string): boolean {
  return REFERENCE.test(text);
}
