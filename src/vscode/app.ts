/** The composition root: everything is made once, here, and handed to who needs it. */
import { join } from 'node:path';
import { type Disposable, env, type Extension, type ExtensionContext, type Memento, version } from 'vscode';
import type { WorkerRequest } from '../protocol/worker.js';
import { type CoreCalls, CoreThread } from './core-thread.js';
import { recordsFolder } from '../core/pipeline/record-files.js';
import { OtherRuns } from './other-runs.js';
import { VERSION } from '../core/version.js';
import { Inspections } from './inspections.js';
import { Journal } from './journal.js';
import { Links } from './link-providers.js';
import { Output } from './output.js';
import { Problems } from './problems.js';
import { type Project, Projects } from './projects.js';
import { RecipeDocuments } from './recipe-documents.js';
import { Runs } from './runs.js';
import { ShownDocument } from './shown-document.js';
import { Selections } from './views/selections.js';
import { requestFor } from './settings.js';
import { Terminals } from './terminals/terminals.js';
import { reportFailure, reportFailureOf } from './report-failure.js';

/** What commands may use. */
export interface App {
  readonly core: CoreCalls;
  readonly doctor: ShownDocument;
  readonly extension: Extension<unknown>;
  readonly inspections: Inspections;
  readonly journal: Journal;
  /** Of the workspace. */
  readonly memory: Memento;
  readonly output: Output;
  readonly projects: Projects;
  readonly recipes: RecipeDocuments;
  readonly runs: Runs;
  readonly selections: Selections;
  readonly terminals: Terminals;
  readonly request: (project: Project) => WorkerRequest;
  /** Ends with the extension. */
  readonly own: <T extends Disposable>(part: T) => T;
  /** Starts the core's thread, for what is about to be asked. */
  readonly warm: () => void;
  /** Ends the core's thread, with what it does; resolves when it has cleaned up. */
  readonly end: () => Promise<void>;
}

export function compose(context: ExtensionContext): App {
  const { subscriptions } = context;
  const own = <T extends Disposable>(part: T): T => {
    subscriptions.push(part);
    return part;
  };
  const journal = own(new Journal());
  journal.note('info', `PyPackage ${VERSION} in ${env.appName} ${version}, ${process.platform} ${process.arch}, Node ${process.versions.node}`, true);
  const core = new CoreThread(join(context.extensionPath, 'dist', 'worker.js'), journal);
  const request = (project: Project): WorkerRequest => requestFor({ root: project.state.root, uri: project.uri }, process.env, context.logUri.fsPath);
  const projects = own(new Projects((folder) => core.call({ method: 'projects', params: { folder } }), context.workspaceState));
  const output = own(new Output(own(new Links(projects, context.logUri))));
  const problems = own(new Problems(projects));
  const recipes = own(new RecipeDocuments(projects, core, request));
  const runs = own(new Runs({ core, projects, output, problems, recipes, request }));
  const onFailure = (subject: Project | string, error: unknown): void =>
    typeof subject === 'string' ? reportFailureOf(output, subject, error) : reportFailure(output, subject, error);
  let terminals: Terminals | undefined;
  let inspections: Inspections | undefined;
  // Nobody would see it any more, nor could stop it: as when the window is closed.
  own(projects.onDidClose((root) => runs.cancel(root)));
  own(new OtherRuns({ projects, runs, folder: recordsFolder(process.env) }));
  const doctor = own(new ShownDocument('pypackage-doctor', '/PyPackage Doctor.md'));
  return {
    core,
    doctor,
    extension: context.extension,
    get inspections() {
      return (inspections ??= own(new Inspections(core)));
    },
    journal,
    memory: context.workspaceState,
    output,
    projects,
    recipes,
    runs,
    selections: new Selections(),
    get terminals() {
      return (terminals ??= own(new Terminals({ core, request, onFailure })));
    },
    request,
    own,
    warm: () => core.warm(),
    end: () => core.end(),
  };
}
