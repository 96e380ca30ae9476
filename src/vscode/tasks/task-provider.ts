/** Tasks of the type `pypackage`: those that are offered, and those of tasks.json. What they do is loaded when one runs. */
import { relative } from 'node:path';
import * as l10n from '@vscode/l10n';
import {
  CustomExecution,
  type Disposable,
  type Pseudoterminal,
  Task,
  type TaskDefinition,
  TaskGroup,
  type TaskProvider,
  TaskScope,
  tasks,
  workspace,
  type WorkspaceFolder,
} from 'vscode';
import type { App } from '../app.js';
import { loadOnDemand } from '../load-on-demand.js';
import type { Project } from '../projects.js';
import type { PypackageTask, TaskAction } from './task-definition.js';

const TYPE = 'pypackage';
/** What its terminals print of other places than that of the run's own error, which is told with its remedy: see docs/tasks.md. */
const MATCHERS = ['$pypackage-pip', '$pypackage-pytest'];

export function registerTasks(app: App): Disposable {
  return tasks.registerTaskProvider(TYPE, new PypackageTasks(app));
}

class PypackageTasks implements TaskProvider {
  constructor(private readonly app: App) {}

  async provideTasks(): Promise<Task[]> {
    if (!workspace.isTrusted) return [];
    const { projects } = this.app;
    if (projects.all.length === 0) await projects.refresh();
    if (projects.all.length === 0) await projects.search();
    return projects.all.flatMap((project) => this.tasksOf(project));
  }

  /** One of tasks.json: VS Code wants its own definition back. */
  resolveTask(task: Task): Task | undefined {
    if (!workspace.isTrusted) return undefined;
    const { definition, name } = task;
    const scope = task.scope ?? TaskScope.Workspace;
    const resolved = new Task(definition, scope, name, 'PyPackage', this.execution(scope), task.problemMatchers);
    if (task.group) resolved.group = task.group;
    return resolved;
  }

  private tasksOf(project: Project): Task[] {
    const folder = workspace.getWorkspaceFolder(project.uri);
    if (!folder) return [];
    const path = relative(folder.uri.fsPath, project.state.root);
    return OFFERED.map(({ action, name, detail, isBuild }) => {
      const definition: TaskDefinition & PypackageTask = { type: TYPE, action, ...(path !== '' && { project: path.replaceAll('\\', '/') }) };
      // Of a project below the top nobody could tell VS Code where the paths in its output begin.
      const matchers = path === '' && isBuild !== undefined ? MATCHERS : [];
      const task = new Task(definition, folder, name(project.state.name), 'PyPackage', this.execution(folder), matchers);
      if (isBuild === true) task.group = TaskGroup.Build;
      task.detail = detail();
      return task;
    });
  }

  private execution(scope: WorkspaceFolder | TaskScope): CustomExecution {
    return new CustomExecution(async (definition): Promise<Pseudoterminal> => {
      const { TaskTerminal } = await loadOnDemand();
      return new TaskTerminal(this.app, foldersOf(scope), definition);
    });
  }
}

interface Offer {
  readonly action: TaskAction;
  readonly name: (project: string) => string;
  readonly detail: () => string;
  /** Whether it belongs to the group Build; undefined where nothing is compiled that could be told line by line. */
  readonly isBuild?: boolean;
}

const OFFERED: readonly Offer[] = [
  { action: 'all', name: (project) => l10n.t('Build {0}', project), detail: () => l10n.t('every stage that is stale'), isBuild: true },
  { action: 'wheels', name: (project) => l10n.t('Build the wheels of {0}', project), detail: () => l10n.t('wheels, and what they need'), isBuild: false },
  {
    action: 'release',
    name: (project) => l10n.t('Make the release of {0}', project),
    detail: () => l10n.t('the image that ships; its tags move at once'),
    isBuild: false,
  },
  {
    action: 'lock',
    name: (project) => l10n.t('Lock the dependencies of {0}', project),
    detail: () => l10n.t('writes the lock to be committed'),
    isBuild: false,
  },
  { action: 'start', name: (project) => l10n.t('Start {0}', project), detail: () => l10n.t('starts the last release and waits until it answers') },
  { action: 'stop', name: (project) => l10n.t('Stop {0}', project), detail: () => l10n.t('stops what was started') },
];

function foldersOf(scope: WorkspaceFolder | TaskScope): readonly string[] {
  return typeof scope === 'object' ? [scope.uri.fsPath] : (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
}
