/** What the tools for language models do. Loaded with the first that is called. */
import { isAbsolute, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { errorLines, lastRunText, SENTENCES, statusText } from '../assistants/texts.js';
import { messageOf } from '../core/errors.js';
import type { App } from './app.js';
import { toReport } from './core-error.js';
import type { ToolName } from './language-model-tools.js';
import type { Project, Projects } from './projects.js';
import { BUILD } from './runs.js';
import { withSignal } from './with-signal.js';

type Invocation = vscode.LanguageModelToolInvocationOptions<object>;
type Work = (project: Project, signal: AbortSignal) => Promise<string>;

export function makeTools({ core, projects, request, runs }: App): Readonly<Record<ToolName, vscode.LanguageModelTool<object>>> {
  const lastRun: Work = async (project, signal) => lastRunText(await core.call({ method: 'lastRun', params: request(project) }, { signal }), Date.now());
  const status: Work = async (project, signal) => statusText(await core.call({ method: 'status', params: request(project) }, { signal }), Date.now());
  const build: Work = async (project, signal) => {
    const began = Date.now();
    const { phase, error } = await runs.run(project, BUILD, { signal, quiet: true });
    const last = await core.call({ method: 'lastRun', params: request(project) });
    // A record that could not be written is of an earlier run.
    if (last && last.record.writtenAt >= began) return lastRunText(last, Date.now());
    return SENTENCES.ended(phase, error);
  };
  return {
    pypackage_status: toolOf(projects, status, (name) => l10n.t('Asking what of {0} is stale', name)),
    pypackage_lastFailure: toolOf(projects, lastRun, (name) => l10n.t('Reading how the last run of {0} ended', name)),
    pypackage_build: {
      ...toolOf(projects, build, (name) => l10n.t('Building {0}', name)),
      prepareInvocation: ({ input }) => {
        const name = nameOf(projects, input);
        return {
          invocationMessage: l10n.t('Building {0}', name),
          confirmationMessages: {
            title: l10n.t('Build {0}', name),
            message: l10n.t(
              'What is stale of its images and wheels is built. That runs the build scripts of the project and of its dependencies in containers.',
            ),
          },
        };
      },
    },
  };
}

function toolOf(projects: Projects, work: Work, words: (name: string) => string): vscode.LanguageModelTool<object> {
  return {
    prepareInvocation: ({ input }) => ({ invocationMessage: words(nameOf(projects, input)) }),
    invoke: async ({ input }: Invocation, token) => textResult(await answer(projects, input, work, token)),
  };
}

/** In words also where it does not work: a model can go on from a sentence, and not from an exception. */
async function answer(projects: Projects, input: object, work: Work, token: vscode.CancellationToken): Promise<string> {
  if (!vscode.workspace.isTrusted) return SENTENCES.untrusted;
  try {
    const project = await findProject(projects, input);
    return typeof project === 'string' ? project : await withSignal(token, (signal) => work(project, signal));
  } catch (error) {
    const report = toReport(error);
    if (report.kind === 'cancelled') throw new vscode.CancellationError();
    return report.kind === 'defect' ? SENTENCES.defect(messageOf(error)) : errorLines(report).join('\n');
  }
}

/** The one that is named or meant, or a sentence that says what to name. */
async function findProject(projects: Projects, input: object): Promise<Project | string> {
  if (projects.all.length === 0) await projects.refresh();
  const named = projectArgument(input);
  const find = (): Project | undefined => (named === undefined ? projects.meant : projectNamed(projects, named));
  const found = find();
  if (found) return found;
  await projects.search();
  const searched = find();
  if (searched) return searched;
  if (projects.all.length === 0) return SENTENCES.noProject;
  return SENTENCES.whichProject(
    named,
    projects.all.map(({ state }) => state),
  );
}

function projectNamed({ all }: Projects, named: string): Project | undefined {
  const places = isAbsolute(named) ? [named] : (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => join(uri.fsPath, named));
  const folders = new Set(places.map((place) => place.replace(/(?<=.)[/\\]$/, '')));
  return all.find(({ state }) => folders.has(state.root)) ?? all.find(({ state }) => state.name === named);
}

function projectArgument(input: object): string | undefined {
  const project: unknown = 'project' in input ? input.project : undefined;
  return typeof project === 'string' && project !== '' ? project : undefined;
}

function nameOf(projects: Projects, input: object): string {
  const named = projectArgument(input);
  return (named === undefined ? projects.current : projectNamed(projects, named))?.state.name ?? named ?? l10n.t('the project');
}

const textResult = (text: string): vscode.LanguageModelToolResult => new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
