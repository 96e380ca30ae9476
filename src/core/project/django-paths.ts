/** Folders that Django's settings name. Only paths that are written out are read: anything else is a program. */
import path from 'node:path';

export function mediaRootIn(settings: string): string | undefined {
  const written = /^MEDIA_ROOT\s*=\s*(.*?)\s*(?:#.*)?$/m.exec(settings)?.[1];
  return written === undefined ? undefined : folderIn(written);
}

/** Of the items of `STATICFILES_DIRS`, those that are paths. */
export function staticDirsIn(settings: string): readonly string[] {
  const list = /^STATICFILES_DIRS\s*=\s*[[(]((?:[^()\]]|\([^()]*\))*)[\])]/m.exec(settings)?.[1] ?? '';
  // A comma within os.path.join() divides nothing.
  const items = list.replaceAll(/#.*$/gm, '').split(/,(?![^()]*\))/);
  return items.map((item) => folderIn(item.trim())).filter((folder) => folder !== undefined);
}

const BASES = '(?:BASE_DIR|ROOT_DIR|PROJECT_DIR|PROJECT_ROOT)';
const WRITTEN = new RegExp(`^(?:str\\(\\s*)?(?:os\\.path\\.join\\(\\s*)?(?:${BASES}\\s*[/,]\\s*)?(?<parts>(?:(['"])[\\w./-]+\\2\\s*[/,]?\\s*)+)\\)*$`);

/** `BASE_DIR / 'media'`, `os.path.join(BASE_DIR, 'media', 'x')`, `'media/'`: relative, and below. */
function folderIn(expression: string): string | undefined {
  const parts = [...(WRITTEN.exec(expression)?.groups?.['parts'] ?? '').matchAll(/['"]([\w./-]+)['"]/g)].map((match) => match[1] ?? '');
  if (parts.length === 0 || parts.some((part) => part.startsWith('/'))) return undefined;
  const folder = path.posix.normalize(parts.join('/')).replace(/\/$/, '');
  return folder === '.' || folder.startsWith('..') ? undefined : folder;
}
