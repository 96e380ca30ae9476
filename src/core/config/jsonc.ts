/** JSON with comments, with places: what a person wrote, and where. */
import { findNodeAtLocation, getNodeValue, type Node, parseTree, type ParseError, printParseErrorCode } from 'jsonc-parser';
import { UserError, type Place } from '../errors.js';

export interface JsonText {
  /** What errors call it. */
  readonly file: string;
  readonly text: string;
  readonly tree: Node;
}

/** @throws UserError `config-invalid` with line and column */
export function parseJsonc(text: string, file: string): JsonText {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error || !tree) {
    throw new UserError({
      kind: 'project',
      code: 'config-invalid',
      message: `${file} is not valid JSON: ${error && text.trim() !== '' ? inWords(printParseErrorCode(error.error)) : 'it is empty'}`,
      where: { file, ...positionOf(text, error?.offset ?? 0) },
    });
  }
  return { file, text, tree };
}

/** `CommaExpected` → `comma expected` */
function inWords(code: string): string {
  return code
    .replaceAll(/([A-Z])/g, ' $1')
    .trim()
    .toLowerCase();
}

export function valueOf({ tree }: JsonText): unknown {
  return getNodeValue(tree);
}

/** Where a value stands; of the nearest one around it that is there. */
export function placeOf({ file, text, tree }: JsonText, path: readonly PropertyKey[]): Place {
  return { file, ...positionOf(text, (nodeAt(tree, path) ?? tree).offset) };
}

/** Where a key stands, in the object at the path. */
export function placeOfKey({ file, text, tree }: JsonText, path: readonly PropertyKey[], key: string): Place {
  const node = nodeAt(tree, path)?.children?.find(({ children }) => children?.[0]?.value === key);
  return { file, ...positionOf(text, (node ?? tree).offset) };
}

/** A key that is written twice in one object: the second would silently win. */
export function findRepeatedKey({ file, text, tree }: JsonText): { readonly key: string; readonly place: Place } | undefined {
  const pending: Node[] = [tree];
  for (let node = pending.pop(); node; node = pending.pop()) {
    const children = node.children ?? [];
    const seen = new Set<string>();
    for (const child of children) {
      const key: unknown = node.type === 'object' ? child.children?.[0]?.value : undefined;
      if (typeof key !== 'string') continue;
      if (seen.has(key)) return { key, place: { file, ...positionOf(text, child.offset) } };
      seen.add(key);
    }
    pending.push(...children);
  }
  return undefined;
}

function nodeAt(tree: Node, path: readonly PropertyKey[]): Node | undefined {
  for (let length = path.length; length >= 0; length--) {
    const found = findNodeAtLocation(
      tree,
      path.slice(0, length).filter((part) => typeof part !== 'symbol'),
    );
    if (found) return found;
  }
  return undefined;
}

/** 1-based. */
function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
