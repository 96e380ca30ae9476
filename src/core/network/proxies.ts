/** Proxies of this machine, for builds and jobs. */
import type { Host } from './host.js';
import type { Setting } from './pip-settings.js';

export const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy'] as const;

/** By their lower-case names. */
export type Proxies = Readonly<Record<string, string>>;

export interface FoundProxies {
  readonly proxies: Proxies;
  /** Who named each: a variable, or a file of pip. */
  readonly sources: Readonly<Record<string, string>>;
}

/** @param ofPip pip's own one, which serves where the environment names none */
export function readProxies({ env, notes }: Host, ofPip: Setting | undefined): FoundProxies {
  const proxies: Record<string, string> = {};
  const sources: Record<string, string> = {};
  for (const name of PROXY_VARIABLES) {
    // The lower-case form wins, as in curl and Python.
    const ofEnv = env[name] || env[name.toUpperCase()];
    const value = ofEnv || (/^https?_/.test(name) ? ofPip?.values[0] : undefined);
    if (!value) continue;
    proxies[name] = value;
    sources[name] = ofEnv ? name : (ofPip?.source ?? name);
    if (name !== 'no_proxy' && isThisMachine(value)) {
      notes.push(`${name} names this machine itself (${hostOf(value)}), which containers do not reach under that name`);
    }
  }
  return { proxies, sources };
}

/**
 * For a shell to read, in both cases. A proxy may hold a password: as a build argument or a container's environment it would be shown by
 * whatever inspects the engine.
 */
export function proxyExports(proxies: Proxies): string | undefined {
  const lines = Object.entries(proxies).map(([name, value]) => `export ${name}=${quoted(value)} ${name.toUpperCase()}=${quoted(value)}\n`);
  return lines.length === 0 ? undefined : lines.join('');
}

/** The same, with a host that is reached without a proxy. */
export function except(proxies: Proxies, host: string): Proxies {
  if (Object.keys(proxies).length === 0) return proxies;
  return { ...proxies, no_proxy: [proxies['no_proxy'], host].filter(Boolean).join(',') };
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

function isThisMachine(proxy: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(hostOf(proxy));
}

function hostOf(proxy: string): string {
  try {
    return new URL(proxy.includes('://') ? proxy : `http://${proxy}`).hostname;
  } catch {
    return '';
  }
}
