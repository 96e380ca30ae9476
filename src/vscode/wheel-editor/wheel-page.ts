/** The page of a wheel: made once, of text that is escaped, for a webview that may load nothing but our style and script. Pure. */
import * as l10n from '@vscode/l10n';
import type { ErrorReport } from '../../core/errors.js';
import { formatSize } from '../../core/format.js';
import type { EntryPointRow, WheelContents } from '../../core/wheels/wheel-documents.js';
import { filesBelow, requirementOf, splitMarker, type FolderOfFiles } from '../views/wheel-rows.js';
import { html, type Markup, NOTHING } from './markup.js';

/** What the page is put into. */
export interface PageFrame {
  /** BCP 47. */
  readonly language: string;
  /** What the webview calls resources of its own. */
  readonly source: string;
  readonly style: string;
  readonly script: string;
  /** Of this page only. */
  readonly nonce: string;
}

/** Files up to which all folders are open at first. */
const FEW_FILES = 40;

export function wheelPage(contents: WheelContents, frame: PageFrame): string {
  return pageOf(
    requirementOf(contents),
    html`${headOf(contents)} ${notesOf(contents)}
      <div class="columns">
        <div>${requiresOf(contents)} ${entryPointsOf(contents.entryPoints)} ${filesSection(contents)}</div>
        <div>${metadataOf(contents)}</div>
      </div>
      ${descriptionOf(contents)}`,
    frame,
  );
}

/** @param file its name */
export function problemPage(file: string, { message, why, fix }: ErrorReport, frame: PageFrame): string {
  const more = [why, fix].flatMap((text) => (text === undefined ? [] : [html`<p>${text}</p>`]));
  return pageOf(
    file,
    html`<h1>${file}</h1>
      <div class="note bad" role="alert">
        <p>${message}</p>
        ${more}
      </div>`,
    frame,
  );
}

export function readingPage(file: string, frame: PageFrame): string {
  return pageOf(
    file,
    html`<h1>${file}</h1>
      <p class="muted" role="status">${l10n.t('Reading…')}</p>`,
    frame,
  );
}

function pageOf(title: string, body: Markup, { language, source, style, script, nonce }: PageFrame): string {
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'`;
  const page = html`<!DOCTYPE html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="stylesheet" href="${style}" />
        <title>${title}</title>
      </head>
      <body>
        <main>${body}</main>
        <script nonce="${nonce}" src="${script}"></script>
      </body>
    </html>`;
  return page.text;
}

function headOf(contents: WheelContents): Markup {
  const { name, version, summary, tags, size, isPure, requiresPython, build, sha256 } = contents;
  const facts = [
    ...tags,
    ...(build === undefined ? [] : [l10n.t('build {0}', build)]),
    formatSize(size),
    ...(isPure === undefined ? [] : [isPure ? l10n.t('pure Python') : l10n.t('for one platform')]),
    ...(requiresPython === undefined ? [] : [`Python ${requiresPython}`]),
  ];
  const copyHash = sha256 === undefined ? NOTHING : html`<button class="secondary" data-copy="hash">${l10n.t('Copy Hash')}</button>`;
  return html`<header>
    <h1>${name} <span class="version">${version}</span></h1>
    ${summary === undefined || summary === '' ? NOTHING : html`<p class="summary">${summary}</p>`}
    <ul class="facts">
      ${facts.map((fact) => html`<li>${fact}</li>`)}
    </ul>
    <div class="actions">
      <button data-copy="requirement">${l10n.t('Copy {0}', requirementOf(contents))}</button>
      ${copyHash}
      <span class="said muted" role="status"></span>
    </div>
  </header>`;
}

/** What is not as it should be, as far as it lies in an export. */
function notesOf({ locked, unrecorded, missing }: WheelContents): Markup {
  const notes = [
    ...(locked === 'as locked' ? [html`<div class="note good">${l10n.t('Its hash is the one in the lock of this export.')}</div>`] : []),
    ...(locked === 'other' ? [html`<div class="note bad" role="alert">${l10n.t('It is not the wheel that was locked: its hash is another.')}</div>`] : []),
    ...(locked === 'unlisted' ? [html`<div class="note warned">${l10n.t('The lock of this export does not name it.')}</div>`] : []),
    ...(missing.length === 0 ? [] : [listNote(l10n.t('Its RECORD names files that it does not hold:'), missing)]),
    ...(unrecorded.length === 0 ? [] : [listNote(l10n.t('It holds files that its RECORD does not name:'), unrecorded)]),
  ];
  return html`${notes}`;
}

const MOST_NAMES = 10;

function listNote(text: string, names: readonly string[]): Markup {
  const shown = names.slice(0, MOST_NAMES).map((name) => html`<li><code>${name}</code></li>`);
  const more = names.length > MOST_NAMES ? [html`<li>${l10n.t('and {0} more', names.length - MOST_NAMES)}</li>`] : [];
  return html`<div class="note warned">
    ${text}
    <ul>
      ${[...shown, ...more]}
    </ul>
  </div>`;
}

function requiresOf({ requires }: WheelContents): Markup {
  const rows = requires.map((text) => {
    const [requirement, marker] = splitMarker(text);
    return html`<li><code>${requirement}</code>${marker === undefined ? NOTHING : html` <span class="muted">${marker}</span>`}</li>`;
  });
  const list =
    rows.length === 0
      ? html`<p class="muted">${l10n.t('Nothing')}</p>`
      : html`<ul class="rows">
          ${rows}
        </ul>`;
  return section('requires', l10n.t('Requires'), requires.length, list);
}

function entryPointsOf(points: readonly EntryPointRow[]): Markup {
  if (points.length === 0) return NOTHING;
  const groups = [...new Set(points.map(({ group }) => group))];
  const lists = groups.map(
    (group) =>
      html`<h3>${group}</h3>
        <ul class="rows">
          ${points.filter((point) => point.group === group).map(({ name, value }) => html`<li><code>${name}</code> <span class="muted">${value}</span></li>`)}
        </ul>`,
  );
  return section('entries', l10n.t('Entry points'), points.length, html`${lists}`);
}

/** In people's words where METADATA has its own. */
function headerWords(name: string): string {
  switch (name) {
    case 'License-Expression':
    case 'License':
      return l10n.t('License');
    case 'License-File':
      return l10n.t('License file');
    case 'Author':
    case 'Author-email':
      return l10n.t('Author');
    case 'Maintainer':
    case 'Maintainer-email':
      return l10n.t('Maintainer');
    case 'Home-page':
      return l10n.t('Home page');
    case 'Download-URL':
      return l10n.t('Download');
    case 'Project-URL':
      return l10n.t('Links');
    case 'Keywords':
      return l10n.t('Keywords');
    case 'Platform':
      return l10n.t('Platform');
    case 'Requires-External':
      return l10n.t('Requires besides');
    case 'Classifier':
      return l10n.t('Classifiers');
    case 'Metadata-Version':
      return l10n.t('Metadata version');
    default:
      return name;
  }
}

function metadataOf({ file, headers, extras, generator, sha256, modified, tags }: WheelContents): Markup {
  const rows: (readonly [string, readonly Markup[]])[] = [
    ...headers
      .filter(({ name }) => name !== 'Metadata-Version')
      .map(({ name, values }) => [headerWords(name), values.map((value) => valueOf(name, value))] as const),
    ...(extras.length === 0 ? [] : [[l10n.t('Extras'), extras.map(code)] as const]),
    [l10n.t('Tags'), tags.map(code)],
    ...(generator === undefined ? [] : [[l10n.t('Built with'), [html`${generator}`]] as const]),
    ...headers.filter(({ name }) => name === 'Metadata-Version').map(({ name, values }) => [headerWords(name), values.map((value) => html`${value}`)] as const),
    [l10n.t('File'), [code(file)]],
    [l10n.t('Changed'), [html`${utcOf(modified)}`]],
    ...(sha256 === undefined ? [] : [['SHA-256', [code(sha256)]] as const]),
  ];
  const list = rows.map(
    ([name, values]) =>
      html`<dt>${name}</dt>
        ${values.map((value) => html`<dd>${value}</dd>`)}`,
  );
  return section('metadata', l10n.t('Metadata'), undefined, html`<dl>${list}</dl>`);
}

/** The same wherever it is looked at. */
const utcOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const code = (text: string): Markup => html`<code>${text}</code>`;

/** `Source, https://…` is a link with a name. */
function valueOf(header: string, value: string): Markup {
  const named = header === 'Project-URL' ? /^(.*?),\s*(\S+)$/.exec(value) : null;
  const [name, url] = named ? [named[1] ?? '', named[2] ?? ''] : [value, value];
  // Only addresses of pages: others would open programs.
  return /^https?:\/\/[^\s]+$/i.test(url) ? html`<a href="${url}">${name}</a>` : html`${value}`;
}

function filesSection({ files, moreFiles }: WheelContents): Markup {
  const isOpen = files.length <= FEW_FILES;
  const more = moreFiles === 0 ? NOTHING : html`<p class="muted">${l10n.t('{0} more files are not listed', moreFiles)}</p>`;
  // The script fills in the numbers.
  const found = l10n.t('{0} of {1} files');
  const body = html`<label class="filter">
      <span class="unseen">${l10n.t('Filter files by path')}</span>
      <input type="search" data-found="${found}" placeholder="${l10n.t('Filter')}" spellcheck="false" autocomplete="off" />
    </label>
    <span class="found muted" role="status"></span>
    ${treeOf(filesBelow(files), '', isOpen)} ${more}`;
  return section('files', l10n.t('Files'), files.length + moreFiles, body);
}

function treeOf({ folders, files }: FolderOfFiles, above: string, isOpen: boolean): Markup {
  const below = folders.map((folder) => {
    const path = `${above}${folder.name}/`;
    const inside = html`<summary><span class="name">${folder.name}/</span><span class="size">${formatSize(folder.size)}</span></summary>
      ${treeOf(folder, path, isOpen)}`;
    return html`<li>${isOpen ? html`<details open>${inside}</details>` : html`<details>${inside}</details>`}</li>`;
  });
  const own = files.map(
    ({ name, size }) => html`<li class="file" data-path="${above}${name}"><span class="name">${name}</span><span class="size">${formatSize(size)}</span></li>`,
  );
  return html`<ul class="tree">
    ${[...below, ...own]}
  </ul>`;
}

function descriptionOf({ description }: WheelContents): Markup {
  if (!description) return NOTHING;
  const cut = description.isCut ? html`<p class="muted">${l10n.t('The rest is left out.')}</p>` : NOTHING;
  return section(
    'description',
    l10n.t('Description'),
    undefined,
    html`<div class="description" tabindex="0">${description.text}</div>
      ${cut}`,
  );
}

function section(id: string, title: string, count: number | undefined, body: Markup): Markup {
  const number = count === undefined ? NOTHING : html` <span class="count">${count}</span>`;
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}${number}</h2>
    ${body}
  </section>`;
}
