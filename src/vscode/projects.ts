/** The Python projects of the workspace's folders, and what this window knows of each. */
import { basename, dirname, join, relative, sep } from 'node:path';
import { Disposable, EventEmitter, RelativePattern, type TextDocument, Uri, window, workspace, type WorkspaceFolder } from 'vscode';
import { projectAbove, readProjectName, WATCHED_FILES } from './project-name.js';
import type { ProjectState } from './project-state.js';
import { rootOfRecipe } from './recipe-uri.js';

export interface Project {
  readonly uri: Uri;
  readonly state: ProjectState;
}

/** Looks for projects below a folder: the core does, once somebody asks. */
export type FindProjects = (folder: string) => Promise<readonly { readonly folder: string; readonly name: string }[]>;

export class Projects implements Disposable {
  private readonly projects = new Map<string, Project>();
  /** Roots below a workspace folder's top that somebody looked for or opened a file of. */
  private readonly nested = new Set<string>();
  /** Tops that are no project, and below which somebody looked. */
  private readonly searched = new Set<string>();
  private readonly changed = new EventEmitter<void>();
  private readonly watchers = new Map<string, Disposable>();
  private readonly subscriptions: Disposable;
  readonly onDidChange = this.changed.event;

  constructor(private readonly find: FindProjects) {
    this.subscriptions = Disposable.from(
      this.changed,
      workspace.onDidChangeWorkspaceFolders(() => void this.refresh()),
      workspace.onDidSaveTextDocument((document) => this.noteSave(document)),
      window.onDidChangeActiveTextEditor((editor) => {
        this.changed.fire();
        if (editor) void this.noteOpen(editor.document.uri);
      }),
    );
  }

  /** Looks at the top of the workspace's folders, and again at what was found below. */
  async refresh(): Promise<void> {
    const folders = this.folders();
    const nested = [...this.nested].filter((root) => folders.some(({ uri }) => isBelow(root, uri.fsPath)));
    const roots = [...new Set([...folders.map(({ uri }) => uri.fsPath), ...nested])];
    const found = await Promise.all(roots.map(async (root) => ({ root, name: await readProjectName(root) })));
    this.watch(folders);
    const before = new Map(this.projects);
    this.projects.clear();
    for (const { root, name } of found) {
      if (name === undefined) this.nested.delete(root);
      else this.add(root, name, before.get(root));
    }
    this.changed.fire();
    const open = window.activeTextEditor?.document.uri;
    if (open) await this.noteOpen(open);
  }

  /** Looks below the tops of the workspace's folders, too: of those that are no project themselves, once. */
  async search(): Promise<void> {
    const tops = this.unsearched();
    if (tops.length === 0) return;
    for (const { uri } of tops) this.searched.add(uri.fsPath);
    const found = await Promise.all(
      tops.map(async ({ uri }) => (await this.find(uri.fsPath)).map(({ folder, name }) => ({ root: join(uri.fsPath, folder), name }))),
    );
    for (const { root, name } of found.flat()) this.addNested(root, name);
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
    return this.ofActiveEditor() ?? (this.projects.size === 1 && this.unsearched().length === 0 ? this.all[0] : undefined);
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

  private folders(): readonly WorkspaceFolder[] {
    return (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  }

  private unsearched(): readonly WorkspaceFolder[] {
    return this.folders().filter(({ uri }) => !this.projects.has(uri.fsPath) && !this.searched.has(uri.fsPath));
  }

  private add(root: string, name: string, known: Project | undefined): void {
    // What the core said outlives a change of files, but not the name that came from them.
    const state: ProjectState =
      known?.state.known.kind === 'nothing' || !known
        ? { root, name, known: { kind: 'nothing' }, savedSince: undefined, url: undefined, log: undefined, elsewhere: undefined }
        : { ...known.state, name };
    this.projects.set(root, { uri: Uri.file(root), state });
  }

  private addNested(root: string, name: string): boolean {
    if (this.projects.has(root)) return false;
    this.nested.add(root);
    this.add(root, name, undefined);
    return true;
  }

  /** A file that is opened shows its project, the nearest above it. */
  private async noteOpen(uri: Uri): Promise<void> {
    const folder = uri.scheme === 'file' ? workspace.getWorkspaceFolder(uri) : undefined;
    const found = folder && (await projectAbove(uri.fsPath, folder.uri.fsPath));
    if (found && this.addNested(found.root, found.name)) this.changed.fire();
  }

  private ofActiveEditor(): Project | undefined {
    const uri = window.activeTextEditor?.document.uri;
    if (!uri) return undefined;
    const root = rootOfRecipe(uri);
    return root === undefined ? this.nearest(uri.fsPath) : this.projects.get(root);
  }

  private nearest(file: string): Project | undefined {
    const above = this.all.filter(({ state }) => isBelow(file, state.root));
    return above.sort((a, b) => b.state.root.length - a.state.root.length)[0];
  }

  private noteSave({ uri }: TextDocument): void {
    const project = this.nearest(uri.fsPath);
    if (!project || project.state.known.kind === 'nothing') return;
    const path = relative(project.state.root, uri.fsPath);
    this.update(project.state.root, (state) => ({ ...state, savedSince: path }));
  }

  /** A few names at any depth; what comes or goes below the top counts once its project is known, or with the next search. */
  private watch(folders: readonly WorkspaceFolder[]): void {
    for (const [root, watcher] of this.watchers) {
      if (folders.some(({ uri }) => uri.fsPath === root)) continue;
      watcher.dispose();
      this.watchers.delete(root);
    }
    for (const folder of folders) {
      if (this.watchers.has(folder.uri.fsPath)) continue;
      const watcher = workspace.createFileSystemWatcher(new RelativePattern(folder, `**/${WATCHED_FILES}`));
      const look = (uri: Uri): void => {
        const at = dirname(uri.fsPath);
        this.searched.delete(folder.uri.fsPath);
        if (at === folder.uri.fsPath || this.projects.has(at)) void this.refresh();
      };
      this.watchers.set(folder.uri.fsPath, Disposable.from(watcher, watcher.onDidCreate(look), watcher.onDidChange(look), watcher.onDidDelete(look)));
    }
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** How a project is told from others in a list. */
export function describeProject({ uri, state }: Project): { readonly label: string; readonly description: string } {
  const folder = workspace.getWorkspaceFolder(uri);
  const below = folder ? relative(folder.uri.fsPath, state.root) : '';
  return { label: state.name, description: below === '' ? basename(state.root) : join(basename(folder?.uri.fsPath ?? ''), below) };
}
