/** The Python projects of the workspace's folders, what this window knows of each, and which of them is meant. */
import { basename, dirname, join, relative } from 'node:path';
import {
  Disposable,
  EventEmitter,
  FileType,
  type Memento,
  type QuickPickItem,
  RelativePattern,
  type TextDocument,
  ThemeIcon,
  Uri,
  window,
  workspace,
  type WorkspaceFolder,
} from 'vscode';
import { foldersBetween, foldersOf, isBelow, mayBeProjectFolder, outermost } from './project-places.js';
import { projectAbove, readProjectName, WATCHED_FILES } from './project-name.js';
import { projectRow } from './project-rows.js';
import { isRunning, newState, type ProjectState } from './project-state.js';
import { rootOfRecipe } from './recipe-uri.js';

export interface Project {
  readonly uri: Uri;
  readonly state: ProjectState;
}

/** Looks for projects below a folder: the core does, once somebody asks. */
export type FindProjects = (folder: string) => Promise<readonly { readonly folder: string; readonly name: string }[]>;

/** Where the workspace remembers the root of the project that a person chose. */
const PINNED = 'pypackage.target';
/** Files that say that projects lie below a folder. */
const ENOUGH_FILES = 200;
/** How long after a new folder its files are looked for, in ms: a checkout makes many. */
const SETTLED = 500;

export class Projects implements Disposable {
  private readonly projects = new Map<string, Project>();
  /** Roots below a workspace folder's top that were found or looked for. */
  private readonly nested = new Set<string>();
  /** Tops that are no project, and below which somebody looked. */
  private readonly searched = new Set<string>();
  private readonly changed = new EventEmitter<void>();
  private readonly closed = new EventEmitter<string>();
  private readonly watchers = new Map<string, Disposable>();
  private readonly subscriptions: Disposable;
  /** The project of the editor that was in front last: looking at a log or a setting does not change what is meant. */
  private followed: string | undefined;
  private lastLook: Promise<void> = Promise.resolve();
  /** Of a look that a new folder asked for. */
  private newFolder: NodeJS.Timeout | undefined;
  readonly onDidChange = this.changed.event;
  /** Roots of projects whose folder is no longer in the window. */
  readonly onDidClose = this.closed.event;

  constructor(
    private readonly find: FindProjects,
    private readonly memory: Memento,
  ) {
    this.subscriptions = Disposable.from(
      this.changed,
      this.closed,
      workspace.onDidChangeWorkspaceFolders(() => void this.refresh()),
      workspace.onDidSaveTextDocument((document) => this.noteSave(document)),
      window.onDidChangeActiveTextEditor((editor) => {
        this.changed.fire();
        if (editor) void this.noteOpen(editor.document.uri);
      }),
      // What was not watched may have gone meanwhile. Nothing is searched for: people change windows often.
      window.onDidChangeWindowState(({ focused }) => {
        if (focused && this.projects.size > 0) void this.refresh(false);
      }),
      workspace.onDidDeleteFiles(() => void this.refresh()),
      workspace.onDidRenameFiles(() => void this.refresh()),
    );
  }

  /**
   * Looks at the top of the workspace's folders, and again at what was found below. One look after the other.
   * @param below look for what is new a little below, too
   */
  refresh(below = true): Promise<void> {
    this.lastLook = this.lastLook.then(() => this.look(below));
    return this.lastLook;
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

  /** The project at a path, or the one that a path in this window lies in. */
  async at(path: string): Promise<Project | undefined> {
    const folder = workspace.getWorkspaceFolder(Uri.file(path));
    if (folder) {
      const found = await projectAbove(join(path, 'file'), folder.uri.fsPath);
      if (found && this.addNested(found.root, found.name)) this.changed.fire();
    }
    return this.nearest(path);
  }

  /** The one that a person chose, while it is there. */
  get pinned(): Project | undefined {
    const root = this.pinnedRoot;
    return root === undefined ? undefined : this.projects.get(root);
  }

  /** @param root undefined: follow the active editor */
  async pin(root: string | undefined): Promise<void> {
    await this.memory.update(PINNED, root);
    this.changed.fire();
  }

  /** The project that the status bar shows: the pinned one, that of the active editor, the last one that was, else the first. */
  get current(): Project | undefined {
    const followed = this.followed === undefined ? undefined : this.projects.get(this.followed);
    return this.pinned ?? this.ofActiveEditor() ?? followed ?? this.all[0];
  }

  /** The pinned one, the active editor's, or the only one: what a command means when it is not told. */
  get meant(): Project | undefined {
    return this.pinned ?? this.ofActiveEditor() ?? (this.projects.size === 1 && this.unsearched().length === 0 ? this.all[0] : undefined);
  }

  update(root: string, change: (state: ProjectState) => ProjectState): void {
    const project = this.projects.get(root);
    if (!project) return;
    this.projects.set(root, { ...project, state: change(project.state) });
    this.changed.fire();
  }

  dispose(): void {
    clearTimeout(this.newFolder);
    for (const watcher of this.watchers.values()) watcher.dispose();
    this.subscriptions.dispose();
  }

  private get pinnedRoot(): string | undefined {
    return this.memory.get<string>(PINNED);
  }

  private async look(isSearching: boolean): Promise<void> {
    const folders = this.folders();
    const tops = folders.map(({ uri }) => uri.fsPath);
    const candidates = [...this.nested, ...(this.pinnedRoot === undefined ? [] : [this.pinnedRoot])];
    const nested = candidates.filter((root) => tops.some((top) => isBelow(root, top)));
    const roots = [...new Set([...tops, ...nested])];
    const found = await Promise.all(roots.map(async (root) => ({ root, name: await readProjectName(root) })));
    const open = folders.filter(({ uri }) => found.some(({ root, name }) => root === uri.fsPath && name === undefined));
    const below = isSearching ? await this.glance(open) : [];
    const before = new Map(this.projects);
    this.projects.clear();
    // What was noticed while we looked was not looked at.
    const noticed = [...before].filter(([root]) => this.nested.has(root) && !roots.includes(root) && tops.some((top) => isBelow(root, top)));
    for (const { root, name } of [...found, ...below, ...noticed.map(([root, { state }]) => ({ root, name: state.name }))]) {
      const known = before.get(root);
      // A branch that is switched takes the files away for a moment: a run that is at work keeps its project.
      const kept = name ?? (known && isRunning(known.state) ? known.state.name : undefined);
      if (kept === undefined) this.nested.delete(root);
      else {
        if (!tops.includes(root)) this.nested.add(root);
        this.add(root, kept, known);
      }
    }
    this.watch();
    this.changed.fire();
    for (const root of before.keys()) if (!tops.some((top) => isBelow(root, top))) this.closed.fire(root);
    const inFront = window.activeTextEditor?.document.uri;
    if (inFront) await this.noteOpen(inFront);
  }

  /** Projects one or two folders below tops that are none. VS Code's own search does it, which knows what is excluded; the core looks closer once somebody asks. */
  private async glance(folders: readonly WorkspaceFolder[]): Promise<readonly { readonly root: string; readonly name: string }[]> {
    const found = await Promise.all(
      folders.map(async ({ uri: top }) => {
        const files = await workspace.findFiles(new RelativePattern(top, '{*,*/*}/{pyproject.toml,setup.cfg,setup.py,manage.py}'), undefined, ENOUGH_FILES);
        const roots = foldersOf(
          top.fsPath,
          files.map(({ fsPath }) => fsPath),
        );
        const named = await Promise.all(roots.map(async (root) => ({ root, name: await readProjectName(root) })));
        return outermost(named.flatMap(({ root, name }) => (name === undefined ? [] : [{ root, name }])));
      }),
    );
    return found.flat();
  }

  private folders(): readonly WorkspaceFolder[] {
    return (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  }

  private unsearched(): readonly WorkspaceFolder[] {
    return this.folders().filter(({ uri }) => !this.projects.has(uri.fsPath) && !this.searched.has(uri.fsPath));
  }

  private add(root: string, name: string, known: Project | undefined): void {
    // What the core said outlives a change of files, but not the name that came from them.
    const state: ProjectState = known ? { ...known.state, name } : newState(root, name);
    this.projects.set(root, { uri: Uri.file(root), state });
  }

  private addNested(root: string, name: string): boolean {
    if (this.projects.has(root)) return false;
    this.nested.add(root);
    this.add(root, name, undefined);
    this.watch();
    return true;
  }

  /** A file that is opened shows its project, the nearest above it. */
  private async noteOpen(uri: Uri): Promise<void> {
    const folder = uri.scheme === 'file' ? workspace.getWorkspaceFolder(uri) : undefined;
    const found = folder && (await projectAbove(uri.fsPath, folder.uri.fsPath));
    const isNew = found !== undefined && this.addNested(found.root, found.name);
    const before = this.followed;
    this.followed = this.ofActiveEditor()?.state.root ?? before;
    if (isNew || this.followed !== before) this.changed.fire();
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

  /** A few names at any depth; and the folders that projects lie in: of one that goes as a whole, nothing is told of its files. */
  private watch(): void {
    const folders = this.folders();
    const wanted = new Map<string, () => Disposable>(folders.map((folder) => [folder.uri.fsPath, () => this.watchFiles(folder)]));
    for (const root of this.nested) {
      const top = folders.find(({ uri }) => isBelow(root, uri.fsPath));
      for (const folder of top ? foldersBetween(root, top.uri.fsPath) : []) wanted.set(`${folder}/`, () => this.watchFolder(folder));
    }
    for (const [key, watcher] of this.watchers) {
      if (wanted.has(key)) continue;
      watcher.dispose();
      this.watchers.delete(key);
    }
    for (const [key, begin] of wanted) if (!this.watchers.has(key)) this.watchers.set(key, begin());
  }

  private watchFiles(folder: WorkspaceFolder): Disposable {
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(folder, `**/${WATCHED_FILES}`));
    const noticed = (uri: Uri): void => void this.noteFile(folder.uri.fsPath, dirname(uri.fsPath));
    // Files that follow their new folder at once may not be told of: the system's watch on the folder begins after them.
    const folders = workspace.createFileSystemWatcher(new RelativePattern(folder, '{*,*/*}'), false, true, true);
    return Disposable.from(
      watcher,
      watcher.onDidCreate(noticed),
      watcher.onDidChange(noticed),
      watcher.onDidDelete(noticed),
      folders,
      folders.onDidCreate((uri) => void this.noteNewFolder(folder.uri.fsPath, uri)),
    );
  }

  private watchFolder(folder: string): Disposable {
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(dirname(folder)), basename(folder)), false, true, false);
    const noticed = (): void => void this.refresh();
    return Disposable.from(watcher, watcher.onDidCreate(noticed), watcher.onDidDelete(noticed));
  }

  private async noteNewFolder(top: string, uri: Uri): Promise<void> {
    if (this.projects.has(top) || !mayBeProjectFolder(relative(top, uri.fsPath)) || this.newFolder !== undefined) return;
    const isFolder = await workspace.fs.stat(uri).then(
      ({ type }) => (type & FileType.Directory) !== 0,
      () => false,
    );
    if (!isFolder || this.newFolder !== undefined) return;
    this.newFolder = setTimeout(() => {
      this.newFolder = undefined;
      void this.refresh();
    }, SETTLED);
  }

  /** A file that makes or ends a project came, went or changed in a folder. */
  private async noteFile(top: string, folder: string): Promise<void> {
    this.searched.delete(top);
    if (folder === top || this.projects.has(folder)) return this.refresh();
    // In a project other such files configure tools, or belong to something that it uses.
    if (this.nearest(folder) || !mayBeProjectFolder(relative(top, folder))) return;
    const found = await projectAbove(join(folder, 'file'), top);
    if (found?.root === folder && this.addNested(folder, found.name)) this.changed.fire();
  }
}

/** A project in a list that people pick from, with its state. */
export function projectItem(project: Project): QuickPickItem & { readonly project: Project } {
  const { icon, ...row } = projectRow(project.state, whereIs(project), Date.now());
  return { ...row, iconPath: new ThemeIcon(icon), project };
}

/** How a project is told from others: the folder of the workspace, and the path in it. */
export function whereIs({ uri, state }: Project): string {
  const folder = workspace.getWorkspaceFolder(uri);
  const below = folder ? relative(folder.uri.fsPath, state.root) : '';
  return below === '' ? basename(state.root) : join(basename(folder?.uri.fsPath ?? ''), below);
}
