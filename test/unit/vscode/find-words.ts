/**
 * Words for people in a module of the editor's that no translation reaches: phrases and texts in the places that VS Code shows,
 * written as plain literals. Comparisons, types, imports and defects' messages are no such words.
 */
import { parseAst } from 'vitest/node';

export interface Words {
  readonly line: number;
  readonly text: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/** Properties and assignments whose text VS Code, or a message of ours, shows. */
const SHOWN =
  /^(title|placeHolder|placeholder|prompt|label|description|detail|tooltip|message|text|words|validationMessage|accessibleLabel|openLabel|saveLabel|confirmationMessages|invocationMessage|statusBarMessage)$/;
/** Functions that show their first argument. */
const SHOWING =
  /^(show(Information|Warning|Error)Message|setStatusBarMessage|show(Done|Quietly|Hint|Failure)|appendMarkdown|MarkdownString|Diagnostic|CodeAction|Task|CustomExecution|LanguageModelTextPart)$/;

export function findWords(source: string): readonly Words[] {
  const found: Words[] = [];
  const add = (node: Node, text: string): void => void found.push({ line: source.slice(0, node.start).split('\n').length, text });

  const visit = (node: Node, isShown: boolean): void => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'TSLiteralType':
      case 'TSEnumMember':
        return;
      case 'Literal':
        if (typeof node['value'] === 'string' && isWords(node['value'], isShown)) add(node, node['value']);
        return;
      case 'TemplateLiteral': {
        const text = nodesOf(node['quasis']).map(cookedOf).join('…');
        if (isWords(text, isShown)) add(node, text);
        for (const expression of nodesOf(node['expressions'])) visit(expression, isShown);
        return;
      }
      case 'TaggedTemplateExpression': {
        const quasi = node['quasi'];
        if (nameOf(node['tag']) !== 'html' || !isNode(quasi)) return visitChild(quasi, isShown);
        // A page shows what stands between its tags, and what some attributes hold.
        const text = nodesOf(quasi['quasis']).map(cookedOf).join('…');
        const attributes = [...text.matchAll(/ (?:title|placeholder|alt|aria-label)="([^"]*)"/g)].map(([, value = '']) => value);
        const shown = [text.replace(/<[^>]*>/g, ' '), ...attributes].join(' ').replace(/\s+/g, ' ').trim();
        if (isWords(shown, true)) add(node, shown);
        for (const expression of nodesOf(quasi['expressions'])) visit(expression, true);
        return;
      }
      case 'CallExpression':
      case 'NewExpression': {
        const callee = nameOf(node['callee']);
        visitChild(node['callee'], false);
        const [first, ...others] = nodesOf(node['arguments']);
        // A literal that the extractor finds; what is filled in may hold another.
        if (callee === 'l10n.t') for (const argument of others) visit(argument, true);
        // A defect: nobody but who mends it reads it.
        else if (/(^|\.)Error$/.test(callee)) return;
        // What is looked for in a text is not said.
        else if (/\.(startsWith|endsWith|includes|indexOf)$/.test(callee)) return;
        else {
          if (first) visit(first, SHOWING.test(callee.slice(callee.lastIndexOf('.') + 1)));
          for (const argument of others) visit(argument, false);
        }
        return;
      }
      case 'BinaryExpression':
        // `a + 'words'` is text, `state === 'up to date'` compares.
        for (const side of nodesOf([node['left'], node['right']])) {
          if (node['operator'] === '+' || side.type !== 'Literal') visit(side, node['operator'] === '+' && isShown);
        }
        return;
      case 'SwitchCase':
        for (const statement of nodesOf(node['consequent'])) visit(statement, false);
        return;
      case 'Property':
      case 'PropertyDefinition':
        visitChild(node['value'], SHOWN.test(nameOf(node['key'])));
        return;
      case 'AssignmentExpression':
        visitChild(node['right'], SHOWN.test(nameOf(node['left']).replace(/^.*\./, '')));
        return;
      case 'ConditionalExpression':
        visitChild(node['test'], false);
        visitChild(node['consequent'], isShown);
        visitChild(node['alternate'], isShown);
        return;
      default: {
        // A list of texts, or what is between brackets and after `??`, is shown where it stands.
        const passes = ['ArrayExpression', 'LogicalExpression', 'ParenthesizedExpression', 'TSAsExpression', 'TSSatisfiesExpression'].includes(node.type);
        for (const [key, value] of Object.entries(node)) {
          if (key === 'typeAnnotation' || key === 'typeArguments' || key === 'typeParameters') continue;
          visitChild(value, passes && isShown);
        }
      }
    }
  };
  const visitChild = (value: unknown, isShown: boolean): void => {
    for (const child of Array.isArray(value) ? nodesOf(value) : isNode(value) ? [value] : []) visit(child, isShown);
  };

  visitChild(parseAst(source, { lang: 'ts' }), false);
  return found;
}

/** A phrase anywhere; a single word only where it is shown. Icons, links and code are no words. */
function isWords(text: string, isShown: boolean): boolean {
  const plain = text.replace(/\$\([\w~-]+\)|\(command:[^)]*\)|`[^`]*`|\bpypackage\.\w+/g, ' ');
  const phrase = isShown ? /\p{L}{2}/u : /\p{L}{2,}[,:;]? \p{L}+|\p{L}{2,}… \p{L}{2,}/u;
  return phrase.test(plain);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function nodesOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function cookedOf(quasi: Node): string {
  const { value } = quasi;
  return typeof value === 'object' && value !== null && 'cooked' in value ? String(value.cooked) : '';
}

/** `l10n.t` of the callee or the property's name. */
function nameOf(value: unknown): string {
  if (!isNode(value)) return '';
  if (value.type === 'MemberExpression') return `${nameOf(value['object'])}.${nameOf(value['property'])}`;
  if (value.type === 'Identifier') return String(value['name']);
  return value.type === 'Literal' ? String(value['value']) : '';
}
