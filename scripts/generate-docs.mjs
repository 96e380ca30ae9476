// Writes docs/cli.md from the tables that the command line itself is made of, and the types of the editor's API into docs/api.md.
// Unit tests hold that both are current.
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
const { outputFiles } = await build({
  entryPoints: [new URL('src/cli/docs.ts', root).pathname],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const { cliDocument } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
await writeFile(new URL('docs/cli.md', root), cliDocument());

const guide = new URL('docs/api.md', root);
const types = await readFile(new URL('src/vscode/api.ts', root), 'utf8');
const text = await readFile(guide, 'utf8');
// As a function: `$` in a replacement has a meaning.
await writeFile(
  guide,
  text.replace(/(?<=## The types\n\n```ts\n)[^]*?(?=```\n)/, () => types),
);
