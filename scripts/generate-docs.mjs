// Writes docs/cli.md and docs/commands.md from the tables that the command line and the editor's commands are made of, and the
// types of the editor's API into docs/api.md. Unit tests hold that they are current.
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);

async function load(file) {
  const { outputFiles } = await build({
    entryPoints: [new URL(file, root).pathname],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    // @vscode/l10n is CommonJS and requires modules of Node's.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/');" },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const { cliDocument } = await load('src/cli/docs.ts');
await writeFile(new URL('docs/cli.md', root), cliDocument());

const guide = new URL('docs/api.md', root);
const types = await readFile(new URL('src/vscode/api.ts', root), 'utf8');
const text = await readFile(guide, 'utf8');
// As a function: `$` in a replacement has a meaning.
await writeFile(
  guide,
  text.replace(/(?<=## The types\n\n```ts\n)[^]*?(?=```\n)/, () => types),
);

const { commandsDocument } = await load('src/vscode/commands/docs.ts');
await writeFile(new URL('docs/commands.md', root), commandsDocument(JSON.parse(await readFile(new URL('package.nls.json', root), 'utf8'))));
