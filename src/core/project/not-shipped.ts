/** What of a site's sources stays out of its image, beside what is never a source (`exclusions.ts`): secrets, data, output. */

/** Names of files that hold secrets, whatever is in them. */
const SECRETS =
  /^(?:\.env(?!\.(?:example|sample|template|dist|tmpl)$)(?:\..+)?|\.envrc|.+\.env|env\.local|.+\.(?:key|p12|pfx|jks|keystore|kdbx)|id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc|_netrc|\.pypirc|\.htpasswd|\.git-credentials|\.pgpass|\.my\.cnf|\.npmrc|\.dockercfg)$/i;
/** Folders of them. */
const SECRET_FOLDERS = /^(?:\.aws|\.ssh|\.gnupg|\.docker|\.kube|\.azure|\.gcloud)$/;
/** Certificates may be public: their content tells. */
export const MAYBE_SECRET = /\.(?:pem|crt|cer|cert)$/i;
const DATABASES = /\.(?:sqlite3?|db3?)(?:-(?:journal|wal|shm))?$/i;
/** At the root: what we write there ourselves, and what says how to package it. */
const OUTPUT = /^(?:target|pypackage\.json)$/;

/** A private key as PEM: https://www.rfc-editor.org/rfc/rfc7468#section-10 and those of OpenSSH. */
export function isPrivateKey(content: Uint8Array): boolean {
  const start = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, 256)).toString('latin1');
  return /^\s*(?:Bag Attributes[^-]*)?-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/.test(start);
}

/** undefined for what ships; `secret` and `data` are told to the user. @param uploads relative */
export function reasonNotShipped(relative: string, name: string, isFolder: boolean, uploads: readonly string[]): 'secret' | 'data' | 'output' | undefined {
  if (isFolder) {
    if (SECRET_FOLDERS.test(name)) return 'secret';
    if (uploads.includes(relative)) return 'data';
    return OUTPUT.test(relative) ? 'output' : undefined;
  }
  if (SECRETS.test(name)) return 'secret';
  if (DATABASES.test(name)) return 'data';
  return OUTPUT.test(relative) ? 'output' : undefined;
}
