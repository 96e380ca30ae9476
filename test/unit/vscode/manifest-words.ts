/** The manifest's texts for people: https://code.visualstudio.com/api/references/contribution-points */
const SHOWN =
  /^(title|shortTitle|category|displayName|userDescription|label|description|markdownDescription|deprecationMessage|markdownDeprecationMessage|patternErrorMessage|errorMessage|(markdown)?[eE]numDescriptions|enumItemLabels|contents|contextualTitle|aliases|altText|localizedLanguageName|placeholder|detail)$/;

/** A view's name is shown, a problem matcher's and a setting's are written into files. */
const NAMED = /^(views|viewsContainers)$/;

/** What a language model reads, and nobody else. It is asked in one language. */
const FOR_MODELS = /^(modelDescription|inputSchema)$/;

/** Those that are written out instead of named by a key. */
export function literalsIn(value: unknown): readonly string[] {
  return walk(value, false).filter((text) => keyOf(text) === undefined);
}

/** The keys that are named anywhere, also in what is no text for people. */
export function keysIn(value: unknown): readonly string[] {
  return walk(value, true).flatMap((text) => keyOf(text) ?? []);
}

function walk(value: unknown, everything: boolean, isShown = false): readonly string[] {
  if (typeof value === 'string') return everything || isShown ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => walk(item, everything, isShown && typeof item === 'string'));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (!everything && FOR_MODELS.test(key)) return [];
    if (NAMED.test(key) && !everything) return namesIn(inner);
    return walk(inner, everything, SHOWN.test(key) && (typeof inner === 'string' || Array.isArray(inner)));
  });
}

function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => namesIn(item));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'string' ? (key === 'name' || key === 'title' ? [inner] : []) : namesIn(inner),
  );
}

function keyOf(text: string): string | undefined {
  return /^%([\w.-]+)%$/.exec(text)?.[1];
}
