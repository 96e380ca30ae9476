/** The one place that imports dockerode, which is our connection to the engine. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Docker from 'dockerode';
import type { DialAddress } from '../addresses.js';
import type { Modem } from './api.js';

export interface Connection {
  readonly modem: Modem;
  /** Drops idle connections. */
  close(): void;
}

export function openConnection(address: DialAddress): Connection {
  const agent = agentFor(address);
  // docker-modem fills what is not named from DOCKER_HOST and DOCKER_CERT_PATH of this process, so everything is named: the choice was made before.
  const options = {
    socketPath: address.kind === 'socket' ? address.path : undefined,
    host: address.kind === 'tcp' ? address.host : undefined,
    port: address.kind === 'tcp' ? address.port : undefined,
    protocol: address.kind === 'tcp' && address.tls ? ('https' as const) : ('http' as const),
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
    agent, // which its types do not name
  };
  const docker = withoutHost(() => new Docker(options));
  return {
    modem: docker.modem,
    close: () => agent.destroy(),
  };
}

/** An engine that went without a word (a machine asleep, a VPN that ended) is noticed 10 s after this: Node has the kernel probe ten times, once a second. */
const KEEP_ALIVE_MS = 15_000;

/** With a DOCKER_HOST docker-modem also reads the files of DOCKER_CERT_PATH, though all is named, and fails where it cannot. */
function withoutHost<T>(make: () => T): T {
  const host = process.env['DOCKER_HOST'];
  delete process.env['DOCKER_HOST'];
  try {
    return make();
  } finally {
    if (host !== undefined) process.env['DOCKER_HOST'] = host;
  }
}

function agentFor(address: DialAddress): HttpAgent {
  const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, maxSockets: Number.POSITIVE_INFINITY };
  if (address.kind === 'socket' || !address.tls) return new HttpAgent(options);
  const { ca, cert, key, verify } = address.tls;
  return new HttpsAgent({ ...options, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), rejectUnauthorized: verify });
}
