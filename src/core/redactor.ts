/** What must not be seen, and one way to take it out of everything that is said: events, logs, errors, documents, lines of containers. */

/** Too short to be told from other text: replacing them would blank out half a log. URLs that hold them are caught by their form. */
const SHORTEST = 6;

export class Redactor {
  private secrets: readonly string[] = [];

  /** A password or token as it is; the forms in which tools write it are known from then on, too. */
  add(...secrets: readonly string[]): void {
    const found = new Set(this.secrets);
    for (const secret of secrets) for (const form of [secret, decoded(secret), encodeURIComponent(secret)]) if (form.length >= SHORTEST) found.add(form);
    if (found.size > this.secrets.length) this.secrets = [...found].sort((a, b) => b.length - a.length); // longest first: one may hold another
  }

  /** Basic authentication and Docker's `auth` are the pair in base64. */
  addPair(user: string, password: string): void {
    this.add(password, Buffer.from(`${user}:${password}`).toString('base64'));
  }

  /** Credentials in addresses: proxies, package indexes, and what else holds `user:password@`. */
  addUrls(...values: readonly string[]): void {
    for (const value of values) {
      const user = /^(?:[a-z][\w+.-]*:\/\/)?([^/@\s]+)@/i.exec(value)?.[1];
      if (user === undefined) continue;
      const colon = user.indexOf(':');
      // Without a password the name is a token, as package indexes use it.
      if (colon < 0) this.add(user);
      else this.addPair(decoded(user.slice(0, colon)), decoded(user.slice(colon + 1)));
      if (colon >= 0) this.add(user.slice(colon + 1));
    }
  }

  /** What is known, and any password in a URL, becomes `***`. */
  redact(text: string): string {
    let out = text;
    for (const secret of this.secrets) if (out.includes(secret)) out = out.replaceAll(secret, '***');
    // Most lines have no `@`, and the expression need not run.
    return out.includes('@') && out.includes('://') ? out.replace(/(:\/\/)[^\s/@:'"]*:[^\s/@'"]+@/g, '$1***@') : out;
  }

  /** Every text in plain data. */
  redactAll<T>(data: T): T;
  redactAll(data: unknown): unknown {
    if (typeof data === 'string') return this.redact(data);
    if (Array.isArray(data)) return data.map((item: unknown) => this.redactAll(item));
    if (typeof data !== 'object' || data === null || Object.getPrototypeOf(data) !== Object.prototype) return data;
    return Object.fromEntries(Object.entries(data).map(([key, value]: [string, unknown]) => [key, this.redactAll(value)]));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
