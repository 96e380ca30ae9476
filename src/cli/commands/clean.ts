/** `clean`: list what can be removed, ask, remove it. */
import { harmless } from '../../core/harmless.js';
import { formatCount, formatSize } from '../../core/format.js';
import type { CleanItem } from '../../core/request.js';
import { command, type Context, printDocument, printLines } from '../context.js';
import { pad, padStart } from '../../terminal/width.js';

export async function cleanUp(context: Context): Promise<number> {
  const { io, core, flags, request, signal } = context;
  const { swept, items } = await core.previewClean(request, signal);
  const wanted = flags.yes && !flags.dryRun;
  if (flags.json) {
    const removed = wanted ? await core.clean(request, items, signal) : [];
    printDocument(io, { v: 1, swept, items, removed });
    return 0;
  }
  if (swept.length > 0) printLines(io, [`Removed what ended runs left behind: ${kinds(swept)}.`]);
  if (items.length === 0) {
    printLines(io, ['Nothing to remove.']);
    return 0;
  }
  printLines(io, previewLines(items));
  if (!wanted && !(await agrees(context))) return 0;
  printLines(io, removedLines(items, await core.clean(request, items, signal)));
  return 0;
}

async function agrees({ io, flags, signal }: Context): Promise<boolean> {
  if (flags.dryRun || !io.interactive) {
    printLines(io, ['', `Nothing was removed. To remove this: ${command('clean', flags)} --yes`]);
    return false;
  }
  const answer = (await io.ask('\nRemove this? [y/N] ', signal)) ?? '';
  const yes = /^y(es)?$/i.test(answer.trim());
  if (!yes) printLines(io, ['Nothing was removed.']);
  return yes;
}

const HEAD: readonly [string, string, string, string] = ['kind', 'name', 'size', 'why'];

/** A table, and what it frees. Images share layers, so the sum is the most that can become free. */
export function previewLines(items: readonly CleanItem[]): readonly string[] {
  const rows = [
    HEAD,
    ...items.map(({ kind, name, size, reason }) => [kind, harmless(name), size === undefined ? '' : formatSize(size), harmless(reason)] as const),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map(
    ([kind, name, size, why]) => `  ${pad(kind, widths[0] ?? 0)}  ${pad(name, widths[1] ?? 0)}  ${padStart(size, widths[2] ?? 0)}  ${why}`,
  );
  const bytes = sizeOf(items);
  return [...lines.map((line) => line.trimEnd()), '', `${capital(kinds(items))}${bytes === 0 ? '' : `, up to ${formatSize(bytes)} (images share layers)`}`];
}

function removedLines(items: readonly CleanItem[], removed: readonly CleanItem[]): readonly string[] {
  const gone = new Set(removed.map(({ kind, id }) => `${kind} ${id}`));
  const kept = items.filter(({ kind, id }) => !gone.has(`${kind} ${id}`));
  const first = removed.length === 0 ? 'Nothing was removed.' : `Removed ${kinds(removed)}.`;
  return kept.length === 0 ? [first] : [first, `Kept, because something uses it: ${kept.map(({ kind, name }) => `${kind} ${harmless(name)}`).join(', ')}`];
}

const KIND_NAMES: Readonly<Record<CleanItem['kind'], readonly [string, string]>> = {
  container: ['container', 'containers'],
  // One image may have several.
  image: ['image name', 'image names'],
  volume: ['volume', 'volumes'],
  export: ['exported folder', 'exported folders'],
};

/** `2 images, 1 volume` */
function kinds(items: readonly CleanItem[]): string {
  const counts = new Map<CleanItem['kind'], number>();
  for (const { kind } of items) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => formatCount(count, ...KIND_NAMES[kind])).join(', ');
}

function sizeOf(items: readonly CleanItem[]): number {
  return items.reduce((sum, { size = 0 }) => sum + size, 0);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
