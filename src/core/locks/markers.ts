/** Whether environment markers hold in a variant's environment: PEP 508, and what PEP 751 adds to it (`extras`, `dependency_groups`). */
import { UserError, type Place } from '../errors.js';
import { normalizeName } from '../project/names.js';
import { parseSpecifiers, parseVersion, satisfies } from '../project/specifiers.js';
import { parseMarker, unquoted, type Marker } from '../wheels/markers.js';
import type { LockEnvironment } from './locked.js';

/** Normalised names. */
export interface MarkerContext {
  readonly extras: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** @throws UserError `lock-invalid` for a marker that cannot be read */
export type MarkerTest = (marker: string | undefined, place: Place) => boolean;

const NOTHING: MarkerContext = { extras: new Set(), groups: new Set() };
const ORDERED_AS_VERSIONS = new Set(['python_version', 'python_full_version', 'implementation_version', 'platform_release']);
/** From before PEP 508; packaging still reads them. */
const FORMER_NAMES: Readonly<Record<string, string>> = {
  'os.name': 'os_name',
  'sys.platform': 'sys_platform',
  'platform.version': 'platform_version',
  'platform.machine': 'platform_machine',
  'platform.python_implementation': 'platform_python_implementation',
  python_implementation: 'platform_python_implementation',
};

/** No marker holds always. Markers repeat a lot in a lock, so each text is judged once. */
export function createMarkerTest(environment: LockEnvironment, context: MarkerContext = NOTHING): MarkerTest {
  const variables = variablesOf(environment);
  const known = new Map<string, boolean>();
  return (text, place) => {
    if (text === undefined || text.trim() === '') return true;
    const before = known.get(text);
    if (before !== undefined) return before;
    const marker = parseMarker(text);
    const holds = marker && evaluate(marker, variables, context);
    if (holds === undefined) throw unreadable(text, place);
    known.set(text, holds);
    return holds;
  };
}

/** Kernel's release and version are unknown when an image is built, and empty. */
export function variablesOf({ python, machine }: LockEnvironment): ReadonlyMap<string, string> {
  return new Map([
    ['python_version', python.split('.').slice(0, 2).join('.')],
    ['python_full_version', python],
    ['os_name', 'posix'],
    ['sys_platform', 'linux'],
    ['platform_machine', machine],
    ['platform_system', 'Linux'],
    ['platform_release', ''],
    ['platform_version', ''],
    ['implementation_name', 'cpython'],
    ['implementation_version', python],
    ['platform_python_implementation', 'CPython'],
  ]);
}

function evaluate(marker: Marker, variables: ReadonlyMap<string, string>, context: MarkerContext): boolean | undefined {
  if (marker.kind === 'comparison') return compare(marker.left, marker.operator, marker.right, variables, context);
  const terms = new Set(marker.terms.map((term) => evaluate(term, variables, context)));
  if (terms.has(undefined)) return undefined;
  return marker.kind === 'and' ? !terms.has(false) : terms.has(true);
}

function compare(left: string, operator: string, right: string, variables: ReadonlyMap<string, string>, context: MarkerContext): boolean | undefined {
  const set = right === 'extras' ? context.extras : right === 'dependency_groups' ? context.groups : undefined;
  if (set) {
    const name = unquoted(left);
    if (name === undefined || (operator !== 'in' && operator !== 'not in')) return undefined;
    return set.has(normalizeName(name)) === (operator === 'in');
  }
  if (left === 'extra' || right === 'extra') {
    const name = unquoted(left === 'extra' ? right : left);
    if (name === undefined) return undefined;
    if (operator === '==' || operator === '===') return context.extras.has(normalizeName(name));
    return operator === '!=' ? !context.extras.has(normalizeName(name)) : undefined;
  }
  const variable = variableName(left) ?? variableName(right) ?? '';
  const first = unquoted(left) ?? variables.get(variableName(left) ?? '');
  const second = unquoted(right) ?? variables.get(variableName(right) ?? '');
  if (first === undefined || second === undefined) return undefined;
  if (operator === 'in') return second.includes(first);
  if (operator === 'not in') return !second.includes(first);
  return (ORDERED_AS_VERSIONS.has(variable) ? compareAsVersions(first, operator, second) : undefined) ?? compareAsText(first, operator, second);
}

function variableName(word: string): string | undefined {
  if (unquoted(word) !== undefined) return undefined;
  return FORMER_NAMES[word] ?? word;
}

/** undefined where the two are no versions: then text is compared. */
function compareAsVersions(first: string, operator: string, second: string): boolean | undefined {
  const specifiers = parseSpecifiers(operator + second);
  const version = parseVersion(first);
  return specifiers?.length === 1 && version ? satisfies(version, specifiers, first) : undefined;
}

/** Text that is no version has no order: only what is equal is `<=` and `>=`. */
function compareAsText(first: string, operator: string, second: string): boolean | undefined {
  switch (operator) {
    case '==':
    case '===':
    case '<=':
    case '>=':
      return first === second;
    case '!=':
      return first !== second;
    case '<':
    case '>':
      return false;
    default:
      return undefined;
  }
}

function unreadable(text: string, place: Place): UserError {
  return new UserError({
    kind: 'project',
    code: 'lock-invalid',
    message: `${place.file} has an environment marker that cannot be read: ${text}`,
    where: place,
    why: 'Markers follow PEP 508, such as python_version < "3.11"',
  });
}
