/** Errors that have a place become diagnostics on its line, until a run gets past where they were met. The light bulb there mends them. */
import * as l10n from '@vscode/l10n';
import {
  CodeAction,
  CodeActionKind,
  type CodeActionContext,
  type CodeActionProvider,
  commands,
  Diagnostic,
  type DiagnosticCollection,
  DiagnosticRelatedInformation,
  DiagnosticSeverity,
  Disposable,
  languages,
  Location,
  Range,
  type TextDocument,
  type Uri,
} from 'vscode';
import type { ErrorReport } from '../core/errors.js';
import type { RunEvent } from '../core/pipeline/events.js';
import type { WorkerRunRequest } from '../protocol/worker.js';
import { inEditorWords } from './editor-words.js';
import { type ErrorAction, remediesOf } from './error-actions.js';
import { performAction, replacement } from './perform-action.js';
import { uriOfPlace } from './place-uri.js';
import { ProblemSet } from './problem-set.js';
import type { Project, Projects } from './projects.js';
import { RECIPE_SCHEME } from './recipe-uri.js';

const SOURCE = 'PyPackage';
/** Of quick fixes only: it takes what no keybinding or menu has. */
const PERFORM = 'pypackage.performQuickFix';

export class Problems implements CodeActionProvider, Disposable {
  private collection: DiagnosticCollection | undefined;
  private registration: Disposable | undefined;
  private readonly sets = new Map<string, ProblemSet>();
  private readonly subscription: Disposable;

  constructor(private readonly projects: Projects) {
    this.subscription = projects.onDidChange(() => this.forgetGone());
  }

  /** What a run of the project says, in order. */
  events(project: Project, verb: WorkerRunRequest['verb'], events: readonly RunEvent[]): void {
    const { root } = project.state;
    const set = this.sets.get(root) ?? new ProblemSet();
    this.sets.set(root, set);
    let changed = false;
    for (const event of events) changed = set.take(event, verb) || changed;
    if (changed) this.draw();
  }

  async provideCodeActions(document: TextDocument, _range: Range, context: CodeActionContext): Promise<CodeAction[]> {
    const found = context.diagnostics.filter(({ source }) => source === SOURCE);
    if (found.length === 0) return [];
    const errors = this.errorsOn(document.uri, found);
    const actions = await Promise.all(
      errors.map(async ({ project, error }) => {
        const diagnostics = found.filter(({ code }) => code === error.code);
        return Promise.all(quickFixes(error, project.state.root).map((action) => codeAction(project, action, diagnostics)));
      }),
    );
    const [first, ...others] = actions.flat().filter((action) => action !== undefined);
    if (!first) return [];
    // The one that mends it; without one nothing is preferred: running again is a choice.
    first.isPreferred = errors[0] !== undefined && remediesOf(errors[0].error, errors[0].project.state.root).length > 0;
    return [first, ...others];
  }

  dispose(): void {
    this.subscription.dispose();
    this.registration?.dispose();
    this.collection?.dispose();
  }

  private draw(): void {
    const byFile = new Map<string, { readonly uri: Uri; readonly diagnostics: Diagnostic[] }>();
    for (const [root, set] of this.sets) {
      const project = this.projects.get(root);
      for (const error of project ? set.all : []) {
        const uri = project && error.where && uriOfPlace(project, error.where);
        // A folder has no lines.
        if (!project || !uri || uri.fsPath === root) continue;
        const known = byFile.get(uri.toString()) ?? { uri, diagnostics: [] };
        known.diagnostics.push(diagnosticOf(project, error));
        byFile.set(uri.toString(), known);
      }
    }
    if (byFile.size > 0) this.collection ??= this.begin();
    this.collection?.clear();
    for (const { uri, diagnostics } of byFile.values()) this.collection?.set(uri, diagnostics);
  }

  /** With the first problem: most windows never have one. */
  private begin(): DiagnosticCollection {
    const kinds = { providedCodeActionKinds: [CodeActionKind.QuickFix] };
    this.registration = Disposable.from(
      languages.registerCodeActionsProvider([{ scheme: 'file' }, { scheme: RECIPE_SCHEME }], this, kinds),
      commands.registerCommand(PERFORM, (root: unknown, action: ErrorAction) => {
        const project = typeof root === 'string' ? this.projects.get(root) : undefined;
        return project && performAction(project, action);
      }),
    );
    return languages.createDiagnosticCollection(SOURCE);
  }

  /** By what they are, not by their line: that moves with what is typed above it. */
  private errorsOn(uri: Uri, diagnostics: readonly Diagnostic[]): readonly { readonly project: Project; readonly error: ErrorReport }[] {
    return [...this.sets].flatMap(([root, set]) => {
      const project = this.projects.get(root);
      if (!project) return [];
      return set.all
        .filter(({ where, code }) => where && uriOfPlace(project, where).toString() === uri.toString() && diagnostics.some((shown) => shown.code === code))
        .map((error) => ({ project, error }));
    });
  }

  private forgetGone(): void {
    const gone = [...this.sets.keys()].filter((root) => !this.projects.get(root));
    for (const root of gone) this.sets.delete(root);
    if (gone.length > 0) this.draw();
  }
}

function diagnosticOf(project: Project, error: ErrorReport): Diagnostic {
  const line = (error.where?.line ?? 1) - 1;
  const column = (error.where?.column ?? 1) - 1;
  const text = inEditorWords([error.message, error.why, error.fix].filter((part) => part !== undefined).join('\n'));
  // To the end of the line: the editor shortens a range to what is there.
  const diagnostic = new Diagnostic(new Range(line, column, line, Number.MAX_SAFE_INTEGER), text, DiagnosticSeverity.Error);
  diagnostic.source = SOURCE;
  diagnostic.code = error.code;
  diagnostic.relatedInformation = (error.related ?? []).map((place) => {
    const at = new Range((place.line ?? 1) - 1, (place.column ?? 1) - 1, (place.line ?? 1) - 1, (place.column ?? 1) - 1);
    return new DiagnosticRelatedInformation(new Location(uriOfPlace(project, place), at), place.what);
  });
  return diagnostic;
}

/** What mends it, then what helps in any case. */
function quickFixes(error: ErrorReport, root: string): readonly ErrorAction[] {
  return [
    ...remediesOf(error, root),
    { title: l10n.t('Build Again'), command: 'pypackage.build', argument: root },
    { title: l10n.t('Show Log'), command: 'pypackage.showLog', argument: root },
  ];
}

async function codeAction(project: Project, action: ErrorAction, diagnostics: Diagnostic[]): Promise<CodeAction | undefined> {
  const made = new CodeAction(action.title, CodeActionKind.QuickFix);
  made.diagnostics = diagnostics;
  if ('replace' in action) {
    const edit = await replacement(project, action.replace);
    if (!edit) return undefined;
    made.edit = edit;
  } else made.command = { title: action.title, command: PERFORM, arguments: [project.state.root, action] };
  return made;
}
