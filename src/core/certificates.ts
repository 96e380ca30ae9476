/** Certificates in PEM: https://www.rfc-editor.org/rfc/rfc7468 */

/** Each once and in one form: bundles carry text, other objects and the same certificate twice, and a build's secret is limited in size. */
export function certificatesOf(pem: string): readonly string[] {
  const found = new Set<string>();
  for (const [, body = ''] of pem.matchAll(/-----BEGIN (?:X509 )?CERTIFICATE-----([\s\S]*?)-----END (?:X509 )?CERTIFICATE-----/g)) {
    const lines = body.replace(/\s+/g, '').match(/.{1,64}/g);
    if (lines) found.add(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----`);
  }
  return [...found];
}
