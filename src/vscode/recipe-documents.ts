/** The Dockerfiles that a run would use, as read-only documents. */
import * as l10n from '@vscode/l10n';
import { Disposable, EventEmitter, type TextDocumentContentProvider, type Uri, workspace } from 'vscode';
import type { WorkerRequest } from '../protocol/worker.js';
import type { CoreCalls } from './core-thread.js';
import type { Project, Projects } from './projects.js';
import { RECIPE_SCHEME, recipeOfFile, rootOfRecipe } from './recipe-uri.js';

export class RecipeDocuments implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly registration: Disposable;
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly projects: Projects,
    private readonly core: CoreCalls,
    private readonly request: (project: Project) => WorkerRequest,
  ) {
    this.registration = Disposable.from(this.changed, workspace.registerTextDocumentContentProvider(RECIPE_SCHEME, this));
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const project = this.projects.get(rootOfRecipe(uri) ?? '');
    const image = recipeOfFile(uri.path.slice(uri.path.lastIndexOf('/') + 1));
    if (!project || !image) throw new Error(`${uri.path} belongs to no project of this window`);
    if (!workspace.isTrusted) return `# ${l10n.t('This folder is not trusted: nothing of it is read for packaging.')}\n`;
    return this.core.call({ method: 'dockerfile', params: { ...this.request(project), image } });
  }

  /** Open documents of the project are asked for again. */
  refresh(root: string): void {
    for (const { uri } of workspace.textDocuments) if (rootOfRecipe(uri) === root) this.changed.fire(uri);
  }

  dispose(): void {
    this.registration.dispose();
  }
}
