import type * as Client from './core-client.js';

/** The protocol's schemas are in another bundle (scripts/build.mjs): activation must not pay for them. */
export const loadCoreClient = (): Promise<typeof Client> => import('./core-client.js');
