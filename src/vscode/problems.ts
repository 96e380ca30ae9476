/** Errors that have a place become diagnostics on its line, until the next run. */
import { isAbsolute, join } from 'node:path';
import { Diagnostic, type DiagnosticCollection, DiagnosticSeverity, type Disposable, languages, Range, Uri } from 'vscode';
import type { ErrorReport, Place } from '../core/errors.js';
import { inEditorWords } from './editor-words.js';
import type { Project } from './projects.js';
import { recipeOfFile, recipeUri } from './recipe-uri.js';

export class Problems implements Disposable {
  private collection: DiagnosticCollection | undefined;
  private readonly uris = new Map<string, Uri>();

  show(project: Project, error: ErrorReport): void {
    if (!error.where) return;
    const uri = uriOfPlace(project, error.where);
    // A folder has no lines.
    if (uri.fsPath === project.state.root) return;
    const line = (error.where.line ?? 1) - 1;
    const column = (error.where.column ?? 1) - 1;
    const text = inEditorWords([error.message, error.why, error.fix].filter((part) => part !== undefined).join('\n'));
    // To the end of the line: the editor shortens a range to what is there.
    const diagnostic = new Diagnostic(new Range(line, column, line, Number.MAX_SAFE_INTEGER), text, DiagnosticSeverity.Error);
    diagnostic.source = 'PyPackage';
    diagnostic.code = error.code;
    this.clear(project);
    this.uris.set(project.state.root, uri);
    this.collection ??= languages.createDiagnosticCollection('PyPackage');
    this.collection.set(uri, [diagnostic]);
  }

  clear({ state }: Project): void {
    const uri = this.uris.get(state.root);
    if (!uri) return;
    this.uris.delete(state.root);
    this.collection?.delete(uri);
  }

  dispose(): void {
    this.collection?.dispose();
  }
}

export function uriOfPlace(project: Project, place: Place): Uri {
  const recipe = recipeOfFile(place.file);
  if (recipe) return recipeUri(project.state, recipe);
  return Uri.file(isAbsolute(place.file) ? place.file : join(project.state.root, place.file));
}
