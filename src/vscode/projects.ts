/** The workspace's folders that hold a Python project, and what this window knows of each. */
import { basename, relative } from 'node:path';
import { Disposable, EventEmitter, RelativePattern, type TextDocument, type Uri, window, workspace, type WorkspaceFolder } from 'vscode';
import { PROJECT_FILES, readProjectName } from './project-name.js';
import type { ProjectState } from './project-state.js';
import { rootOfRecipe } from './recipe-uri.js';

export interface Project {
  readonly uri: Uri;
  readonly state: ProjectState;
}

export class Projects implements Disposable {
  private readonly projects = new Map<string, Project>();
  private readonly changed = new EventEmitter<void>();
  private readonly watchers = new Map<string, Disposable>();
  private readonly subscriptions: Disposable;
  readonly onDidChange = this.changed.event;

  constructor() {
    this.subscriptions = Disposable.from(
      this.changed,
      workspace.onDidChangeWorkspaceFolders(() => void this.refresh()),
      workspace.onDidSaveTextDocument((document) => this.noteSave(document)),
      window.onDidChangeActiveTextEditor(() => this.changed.fire()),
    );
  }

  /** Looks for projects at the top of the workspace's folders. */
  async refresh(): Promise<void> {
    const folders = (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
    const found = await Promise.all(folders.map(async ({ uri }) => ({ uri, name: await readProjectName(uri.fsPath) })));
    this.watch(folders);
    const before = new Map(this.projects);
    this.projects.clear();
    for (const { uri, name } of found) {
      if (name === undefined) continue;
      const known = before.get(uri.fsPath);
      // What the core said outlives a change of files, but not the name that came from them.
      const state: ProjectState =
        known?.state.known.kind === 'nothing' || !known
          ? { root: uri.fsPath, name, known: { kind: 'nothing' }, savedSince: undefined, url: undefined, log: undefined }
          : { ...known.state, name };
      this.projects.set(uri.fsPath, { uri, state });
    }
    this.changed.fire();
  }

  get all(): readonly Project[] {
    return [...this.projects.values()];
  }

  get(root: string): Project | undefined {
    return this.projects.get(root);
  }

  /** The project that the status bar shows: that of the active editor, else the first. */
  get current(): Project | undefined {
    return this.ofActiveEditor() ?? this.all[0];
  }

  /** The active editor's project, or the only one: what a command means when it is not told. */
  get meant(): Project | undefined {
    return this.ofActiveEditor() ?? (this.projects.size === 1 ? this.all[0] : undefined);
  }

  update(root: string, change: (state: ProjectState) => ProjectState): void {
    const project = this.projects.get(root);
    if (!project) return;
    this.projects.set(root, { ...project, state: change(project.state) });
    this.changed.fire();
  }

  dispose(): void {
    for (const watcher of this.watchers.values()) watcher.dispose();
    this.subscriptions.dispose();
  }

  private ofActiveEditor(): Project | undefined {
    const uri = window.activeTextEditor?.document.uri;
    const root = uri && (rootOfRecipe(uri) ?? workspace.getWorkspaceFolder(uri)?.uri.fsPath);
    return root === undefined ? undefined : this.projects.get(root);
  }

  private noteSave({ uri }: TextDocument): void {
    const folder = workspace.getWorkspaceFolder(uri);
    const project = folder && this.projects.get(folder.uri.fsPath);
    if (!project || project.state.known.kind === 'nothing') return;
    const path = relative(project.state.root, uri.fsPath);
    this.update(project.state.root, (state) => ({ ...state, savedSince: path }));
  }

  /** Four names at the top of each folder; nothing below is watched. */
  private watch(folders: readonly WorkspaceFolder[]): void {
    for (const [root, watcher] of this.watchers) {
      if (folders.some(({ uri }) => uri.fsPath === root)) continue;
      watcher.dispose();
      this.watchers.delete(root);
    }
    for (const folder of folders) {
      if (this.watchers.has(folder.uri.fsPath)) continue;
      const watcher = workspace.createFileSystemWatcher(new RelativePattern(folder, `{${PROJECT_FILES.join(',')}}`));
      const refresh = (): void => void this.refresh();
      this.watchers.set(folder.uri.fsPath, Disposable.from(watcher, watcher.onDidCreate(refresh), watcher.onDidChange(refresh), watcher.onDidDelete(refresh)));
    }
  }
}

/** How a project is told from others in a list. */
export function describeProject({ state }: Project): { readonly label: string; readonly description: string } {
  return { label: state.name, description: basename(state.root) };
}
