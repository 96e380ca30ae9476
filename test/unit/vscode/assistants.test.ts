/** What other programs are promised: the API's types in its guide, and the tools in the manifest. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../../package.json';
import { PROJECT_ARGUMENT, TOOLS } from '../../../src/assistants/tools.js';

const root = join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test("docs/api.md has the API's types as they are: else run scripts/generate-docs.mjs", () => {
  const types = /## The types\n\n```ts\n([^]*?)```\n/.exec(read('docs/api.md'))?.[1];
  expect(types).toBe(read('src/vscode/api.ts'));
  // They can be copied: they need the editor's own types only.
  expect([...(types ?? '').matchAll(/from '([^']+)'/g)].map(([, name]) => name)).toEqual(['vscode']);
});

test('models read of the same tools in the editor and over the protocol', () => {
  const tools = manifest.contributes.languageModelTools;
  expect(Object.fromEntries(tools.map(({ name, modelDescription }) => [name, modelDescription]))).toEqual({
    pypackage_status: TOOLS.status.description,
    pypackage_lastFailure: TOOLS.lastFailure.description,
    pypackage_build: TOOLS.build.description,
  });
  const registered = [...read('src/vscode/language-model-tools.ts').matchAll(/'(pypackage_\w+)'/g)].map(([, name]) => name);
  expect(registered).toEqual(tools.map(({ name }) => name));
  for (const { inputSchema } of tools) expect(inputSchema.properties.project.description).toBe(PROJECT_ARGUMENT);
  const guide = read('docs/assistants.md');
  for (const { toolReferenceName } of tools) expect(guide).toContain(`#${toolReferenceName}`);
});
