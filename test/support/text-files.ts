import { readFileSync } from 'node:fs';

/** As the bundler does: scripts that run inside containers are imported as text. */
export const textFiles = {
  name: 'text-files',
  enforce: 'pre' as const,
  load(id: string): string | undefined {
    return /\.(py|sh)$/.test(id) ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}` : undefined;
  },
};
