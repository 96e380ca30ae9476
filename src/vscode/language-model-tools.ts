/** Tools for language models: what `pypackage mcp` offers outside of the editor (src/assistants/ has the words of both). */
import * as vscode from 'vscode';
import type { App } from './app.js';
import { loadOnDemand } from './load-on-demand.js';

const TOOL_NAMES = ['pypackage_status', 'pypackage_lastFailure', 'pypackage_build'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

export function registerLanguageModelTools(app: App): vscode.Disposable {
  // Forks of VS Code have it or not.
  const { lm }: { readonly lm?: Partial<typeof vscode.lm> } = vscode;
  if (lm?.registerTool === undefined) return new vscode.Disposable(() => undefined);
  const { registerTool } = lm;
  const tool = async (name: ToolName): Promise<vscode.LanguageModelTool<object>> => (await loadOnDemand()).makeTools(app)[name];
  return vscode.Disposable.from(
    ...TOOL_NAMES.map((name) =>
      registerTool<object>(name, {
        prepareInvocation: async (options, token) => (await tool(name)).prepareInvocation?.(options, token),
        invoke: async (options, token) => (await tool(name)).invoke(options, token),
      }),
    ),
  );
}
