/** A private certificate authority, as networks that inspect TLS have one. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface PrivateAuthority {
  readonly name: string;
  /** Behind those that this machine trusts already: the engine's network may need them. */
  readonly bundle: string;
  /** A line of its certificate, as it stands in any file that holds it. */
  readonly line: string;
}

export async function makeAuthority(folder: string, name: string): Promise<PrivateAuthority> {
  const certificate = join(folder, 'authority.pem');
  const options = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
  await promisify(execFile)('openssl', ['req', ...options, '-keyout', join(folder, 'authority.key'), '-out', certificate]);
  const own = await readFile(certificate, 'utf8');
  const trusted = await readFile(process.env['SSL_CERT_FILE'] ?? '/etc/ssl/certs/ca-certificates.crt', 'utf8').catch(() => '');
  const bundle = join(folder, 'bundle.pem');
  await writeFile(bundle, `${trusted.trimEnd()}\n${own}`);
  // From its middle, which holds its key: no other certificate has this line.
  return { name, bundle, line: own.split('\n')[10] ?? '' };
}
