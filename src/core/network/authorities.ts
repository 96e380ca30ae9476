/** Certificate authorities that the programs of this machine trust, for those in builds and jobs. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { certificatesOf } from '../certificates.js';
import { messageOf } from '../errors.js';
import type { Host } from './host.js';
import type { Setting } from './pip-settings.js';

/** In this order; all that are there count, as each makes some tool of the host trust something. */
export const CA_VARIABLES = ['SSL_CERT_FILE', 'PIP_CERT', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'] as const;

export interface Authorities {
  /** Certificates in PEM, and nothing else. */
  readonly pem: string;
  /** `SSL_CERT_FILE`, `~/.config/pip/pip.conf`, each with its file. */
  readonly sources: readonly string[];
}

/** @param cert as pip's settings name one */
export async function readAuthorities({ env, notes }: Host, cert: Setting | undefined): Promise<Authorities | undefined> {
  const files = new Map<string, string>();
  const named = CA_VARIABLES.map((variable) => [env[variable], variable] as const);
  for (const [file, source] of [...named, [cert?.values[0], cert?.source ?? ''] as const]) {
    if (file && !files.has(resolve(file))) files.set(resolve(file), source);
  }
  const found = new Set<string>();
  const sources: string[] = [];
  let onlyExtra = true;
  for (const [file, source] of files) {
    try {
      const certificates = certificatesOf(await readFile(file, 'utf8'));
      if (certificates.length === 0) notes.push(`${source} names ${file}, which holds no certificates; it is not used`);
      else {
        onlyExtra &&= source === 'NODE_EXTRA_CA_CERTS';
        sources.push(`${file} (${source})`);
      }
      for (const certificate of certificates) found.add(certificate);
    } catch (error) {
      notes.push(`${source} names ${file}, which cannot be read (${messageOf(error)}); it is not used`);
    }
  }
  if (found.size === 0) return undefined;
  // Node adds this one to Mozilla's authorities; what pip and the others read takes their place.
  if (onlyExtra) for (const certificate of rootCertificates) for (const clean of certificatesOf(certificate)) found.add(clean);
  return { pem: `${[...found].join('\n')}\n`, sources };
}
