/**
 * What was typed → what is meant. Written by hand: node:util's parseArgs knows neither a verb after which everything is passed
 * on as it is (`run ls --json`), nor which flag was meant by a misspelt one.
 */
import { UserError } from '../core/errors.js';
import { IMAGE_NAMES, type ImageName } from '../core/pipeline/verb-stages.js';
import { COMMON_FLAGS, flagSpec, type FlagName, isFlagName } from './flags.js';
import { nearest } from './suggest.js';
import { HABITS, VERB_NAMES, verbSpec, type VerbName, isVerbName } from './verbs.js';

export interface Flags {
  readonly project?: string;
  readonly target?: string;
  readonly config?: string;
  readonly baseImage?: string;
  readonly namespace?: string;
  readonly engine?: string;
  readonly logDir?: string;
  readonly json: boolean;
  readonly wait: boolean;
  readonly pull: boolean;
  readonly offline: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly extras: readonly string[];
  readonly groups: readonly string[];
  readonly port?: number;
  readonly follow: boolean;
  readonly tail?: number;
}

export type Invocation =
  | { readonly verb: 'help'; readonly topic?: VerbName }
  | { readonly verb: 'version'; readonly flags: Flags }
  | { readonly verb: 'run'; readonly flags: Flags; readonly command: readonly string[] }
  /** `upgrade`: undefined keeps what is locked. */
  | { readonly verb: 'lock'; readonly flags: Flags; readonly upgrade: 'all' | readonly string[] | undefined }
  | { readonly verb: 'image'; readonly flags: Flags; readonly image?: ImageName }
  | { readonly verb: 'wheels'; readonly flags: Flags; readonly command?: readonly string[] }
  | { readonly verb: 'all' | 'release' | 'start' | 'stop' | 'logs' | 'status' | 'clean' | 'doctor' | 'fix' | 'mcp'; readonly flags: Flags };

const TARGET_NAME = /^[a-z0-9][a-z0-9_-]*$/;
/** A registry (with a port, perhaps) and path components, as the distribution specification has them. */
const NAMESPACE = /^(?:[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d+)?)(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$|^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;

export function usageError(message: string, fix: string): UserError {
  return new UserError({ kind: 'project', code: 'usage', message, fix });
}

/** What has to be known to tell an error in what was typed: how it is to be printed, and which exit codes hold. */
export function intentOf(argv: readonly string[]): { readonly json: boolean; readonly verbose: boolean; readonly isRun: boolean } {
  const verb = ownWordsAfter(argv);
  const isRun = argv[verb] === 'run';
  const end = isRun ? verb + 1 + ownWordsAfter(argv.slice(verb + 1)) : argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  return { json: own.includes('--json'), verbose: own.includes('--verbose'), isRun };
}

/** How many words from the start are flags of ours, or values of them. */
function ownWordsAfter(words: readonly string[]): number {
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '--' || word === '-') break;
    const name = word.replace(/^--/, '');
    at += isFlagName(name) && flagSpec(name).value !== undefined ? 2 : 1;
  }
  return at;
}

/** Throws a UserError with the code `usage`, or another of kind `project`. */
export function parseArguments(argv: readonly string[]): Invocation {
  const given = new GivenFlags();
  const operands: string[] = [];
  let verb: VerbName | undefined;
  let passedOn: readonly string[] | undefined;

  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') {
      passedOn = argv.slice(at + 1);
      break;
    }
    if (word.startsWith('-') && word !== '-') {
      if (given.take(word, argv[at + 1], verb)) at++;
    } else if (verb === undefined) {
      verb = verbNamed(word);
    } else if (verb === 'run') {
      passedOn = argv.slice(at);
      break;
    } else {
      operands.push(word);
    }
  }

  if (given.has('version') && !given.has('help')) return { verb: 'version', flags: given.flags() };
  if (verb === undefined) {
    if (given.has('help')) return { verb: 'help' };
    throw usageError('No verb was given', 'Say what to do, such as: pypackage all (pypackage --help lists the verbs)');
  }
  if (given.has('help')) return { verb: 'help', topic: verb };
  given.check(verb);
  return invocationOf(verb, given, operands, passedOn);
}

function invocationOf(verb: VerbName, given: GivenFlags, operands: readonly string[], passedOn: readonly string[] | undefined): Invocation {
  const flags = given.flags();
  switch (verb) {
    case 'run':
      return { verb, flags, command: passedOn ?? [] };
    case 'image': {
      const [image] = atMost(1, verb, [...operands, ...(passedOn ?? [])]);
      return image === undefined ? { verb, flags } : { verb, flags, image: imageNamed(image) };
    }
    case 'help': {
      const [topic] = atMost(1, verb, [...operands, ...(passedOn ?? [])]);
      return topic === undefined ? { verb } : { verb, topic: verbNamed(topic) };
    }
    case 'lock': {
      const names = [...operands, ...(passedOn ?? [])];
      if (!given.has('upgrade')) {
        const [name] = names;
        if (name !== undefined) throw usageError(`lock takes names only with --upgrade: ${name}`, `Upgrade it with: pypackage lock --upgrade ${name}`);
        return { verb, flags, upgrade: undefined };
      }
      return { verb, flags, upgrade: names.length === 0 ? 'all' : names };
    }
    case 'wheels':
      atMost(0, verb, operands);
      if (passedOn?.length === 0) throw usageError('There is no command behind --', 'Write it as: pypackage wheels -- make wheels');
      return { verb, flags, ...(passedOn && { command: passedOn }) };
    case 'all':
    case 'release':
    case 'start':
    case 'stop':
    case 'logs':
    case 'status':
    case 'clean':
    case 'doctor':
    case 'fix':
    case 'mcp':
      atMost(0, verb, [...operands, ...(passedOn ?? [])]);
      return { verb, flags };
  }
}

function verbNamed(word: string): VerbName {
  if (isVerbName(word)) return word;
  const near = nearest(word, [...VERB_NAMES, ...HABITS.keys()]);
  const meant = HABITS.get(near ?? '') ?? (near === undefined ? 'See the verbs with: pypackage --help' : `Did you mean: pypackage ${near}`);
  throw usageError(`Unknown verb: ${word}`, meant);
}

function imageNamed(word: string): ImageName {
  const found = IMAGE_NAMES.find((name) => name === word);
  if (found !== undefined) return found;
  const near = nearest(word, IMAGE_NAMES);
  throw usageError(`Unknown image: ${word}`, near === undefined ? 'The images are base, builder and release' : `Did you mean: pypackage image ${near}`);
}

function atMost(count: number, verb: VerbName, operands: readonly string[]): readonly string[] {
  const extra = operands[count];
  if (extra === undefined) return operands;
  const use = verbSpec(verb).operands;
  throw usageError(`${verb} takes ${count === 0 ? 'no argument' : 'one argument'}: ${extra}`, `Use it as: pypackage ${verb}${use === '' ? '' : ` ${use}`}`);
}

class GivenFlags {
  readonly #values = new Map<FlagName, string[]>();

  has(name: FlagName): boolean {
    return this.#values.has(name);
  }

  /** Takes one flag; true when the next word was its value. */
  take(word: string, next: string | undefined, verb: VerbName | undefined): boolean {
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const written = equals === -1 ? word : word.slice(0, equals);
    const name = flagNamed(written, verb);
    const { value: placeholder, repeatable = false } = flagSpec(name);
    const values = this.#values.get(name) ?? [];
    this.#values.set(name, values);
    if (placeholder === undefined) {
      if (equals !== -1) throw usageError(`--${name} takes no value: ${word}`, `Write --${name} alone`);
      return false;
    }
    if (values.length > 0 && !repeatable) throw usageError(`--${name} is given twice`, 'Give it once');
    const value = equals === -1 ? next : word.slice(equals + 1);
    if (value === undefined || value === '' || (equals === -1 && value.startsWith('-') && value !== '-')) {
      throw usageError(
        `--${name} needs a value`,
        `Write --${name} ${placeholder}${value?.startsWith('-') === true ? `, or --${name}=${value} where the value begins with a dash` : ''}`,
      );
    }
    values.push(value);
    return equals === -1;
  }

  /** Refuses flags that belong to other verbs. */
  check(verb: VerbName): void {
    const known = flagsOf(verb);
    for (const name of this.#values.keys()) {
      if (!known.includes(name)) {
        const verbs = VERB_NAMES.filter((other) => verbSpec(other).flags.includes(name));
        throw usageError(`${verb} has no --${name}`, `--${name} belongs to ${verbs.join(', ')}; see: pypackage ${verb} --help`);
      }
    }
  }

  flags(): Flags {
    const project = this.#one('project');
    const target = this.#matching('target', TARGET_NAME, 'small letters, digits, - and _, beginning with a letter or digit');
    const config = this.#one('config');
    const baseImage = this.#one('base-image');
    const namespace = this.#matching('namespace', NAMESPACE, 'small letters, digits, dots and dashes, with / between parts, such as registry.example.com/acme');
    const engine = this.#one('engine');
    const logDir = this.#one('log-dir');
    const port = this.#number('port', 65_535);
    const tail = this.#number('tail', Number.MAX_SAFE_INTEGER);
    return {
      ...(project !== undefined && { project }),
      ...(target !== undefined && { target }),
      ...(config !== undefined && { config }),
      ...(baseImage !== undefined && { baseImage }),
      ...(namespace !== undefined && { namespace }),
      ...(engine !== undefined && { engine }),
      ...(logDir !== undefined && { logDir }),
      ...(port !== undefined && { port }),
      ...(tail !== undefined && { tail }),
      json: this.has('json'),
      wait: !this.has('no-wait'),
      pull: this.has('pull'),
      offline: this.has('offline'),
      yes: this.has('yes'),
      dryRun: this.has('dry-run'),
      verbose: this.has('verbose'),
      follow: this.has('follow'),
      extras: this.#values.get('extra') ?? [],
      groups: this.#values.get('group') ?? [],
    };
  }

  #one(name: FlagName): string | undefined {
    return this.#values.get(name)?.[0];
  }

  #matching(name: FlagName, pattern: RegExp, allowed: string): string | undefined {
    const value = this.#one(name);
    if (value !== undefined && !pattern.test(value)) throw usageError(`--${name} cannot be: ${value}`, `Use ${allowed}`);
    return value;
  }

  #number(name: FlagName, most: number): number | undefined {
    const value = this.#one(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,15}$/.test(value) || Number(value) > most) {
      throw usageError(`--${name} cannot be: ${value}`, `Give a whole number${most === 65_535 ? ' from 0 to 65535' : ''}`);
    }
    return Number(value);
  }
}

function flagsOf(verb: VerbName): readonly FlagName[] {
  return [...COMMON_FLAGS, ...verbSpec(verb).flags];
}

function flagNamed(written: string, verb: VerbName | undefined): FlagName {
  const known = verb === undefined ? COMMON_FLAGS : flagsOf(verb);
  const bare = written.replace(/^--?/, '');
  if (written.startsWith('--') && isFlagName(bare)) return bare;
  if (!written.startsWith('--')) {
    const short = known.find((name) => flagSpec(name).short === bare);
    if (short !== undefined) return short;
  }
  const near = nearest(bare, known);
  const help = `See: pypackage ${verb === undefined ? '' : `${verb} `}--help`;
  const passOn = verb === 'run' ? `; put -- before a command that begins with a dash` : '';
  throw usageError(`Unknown flag: ${written}`, (near === undefined ? help : `Did you mean: --${near}`) + passOn);
}
