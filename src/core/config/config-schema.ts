/** The form of `pypackage.json`. Each check says what is wanted, as the end of a sentence: `targets.web.extras must be …`. */
import * as z from 'zod/mini';
import { isImageReference } from '../engine/references.js';
import { isRequirement } from '../project/metadata.js';
import { isValidName } from '../project/names.js';

const text = (wanted: string, test: (value: string) => boolean = (value) => value.trim() !== ''): z.ZodMiniString =>
  z.string(`must be ${wanted}`).check(z.refine(test, `must be ${wanted}`));

const list = (wanted: string, test: (value: string) => boolean): z.ZodMiniArray<z.ZodMiniString> =>
  z.array(text(wanted, test), `must be a list: ${wanted} each`);

/** Words of apt-get's: they become part of a command, so nothing else may stand in them (Debian policy, 5.6.7 and 5.6.12). */
const isDebianPackage = (name: string): boolean => /^[a-z0-9][a-z0-9+.-]+(?::[a-z0-9]+)?(?:=[A-Za-z0-9][A-Za-z0-9.+:~-]*)?$/.test(name);

const isPathBelow = (path: string): boolean => path !== '' && !path.startsWith('/') && !path.includes('\\') && !path.split('/').includes('..');

const isAddress = (value: string): boolean => /^https?:\/\//i.test(value) && URL.canParse(value);

/** Also where the rest is no address: it must not be printed. */
const hasLogin = (value: string): boolean => /^[^/?#]*\/\/[^/?#]*@/.test(value);

export const LOGIN = 'must not hold a login';

const index = z.strictObject(
  {
    name: text('a name of letters, digits, ".", "_" and "-"', isValidName),
    url: z.string('must be an address such as https://pypi.example.com/simple/').check(
      z.refine((value) => !hasLogin(value), LOGIN),
      z.refine(isAddress, 'must be an address such as https://pypi.example.com/simple/'),
    ),
    packages: z.optional(
      list('the name of a package, or a pattern such as "acme-*"', (value) => /^[A-Za-z0-9*](?:[A-Za-z0-9._*-]*[A-Za-z0-9*])?$/.test(value)),
    ),
  },
  'must be an object with name and url',
);

const prebuild = z.strictObject(
  {
    command: text('a command for the shell'),
    image: z.optional(text('the name of an image', isImageReference)),
    folder: z.optional(text('a folder in the project, such as "frontend"', isPathBelow)),
  },
  'must be an object with a command',
);

const systemPackages = z.strictObject(
  {
    build: z.optional(list('the name of a Debian package', isDebianPackage)),
    run: z.optional(list('the name of a Debian package', isDebianPackage)),
  },
  'must be an object with build and run',
);

const target = z.strictObject(
  {
    python: z.optional(text('a version of Python 3 such as "3.12"', (value) => /^3\.\d{1,2}$/.test(value))),
    baseImage: z.optional(text('the name of an image, such as "python:3.13-slim"', isImageReference)),
    extras: z.optional(list('the name of an extra', isValidName)),
    groups: z.optional(list('the name of a dependency group', isValidName)),
    requirements: z.optional(list('a requirement such as "gunicorn>=23" (PEP 508)', isRequirement)),
    systemPackages: z.optional(systemPackages),
    buildCommand: z.optional(
      z.union(
        [text('a command'), list('a word', (value) => value !== '').check(z.minLength(1))],
        'must be a command: a string for the shell, or a list of words',
      ),
    ),
    prebuild: z.optional(prebuild),
    indexes: z.optional(z.array(index, 'must be a list of objects with name and url')),
  },
  'must be an object',
);

export const configFile = z.strictObject(
  {
    $schema: z.optional(z.string('must be an address')),
    version: z.literal(1, 'must be 1'),
    defaults: z.optional(target),
    targets: z.optional(z.record(z.string(), target, 'must be an object with a target under each name')),
  },
  'must hold an object',
);

export type TargetInFile = z.infer<typeof target>;
export type ConfigFile = z.infer<typeof configFile>;

/** By path, `*` for any name or number: what may stand there. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const inTarget = path[0] === 'defaults' ? path.slice(1) : path[0] === 'targets' ? path.slice(2) : undefined;
  if (!inTarget) return Object.keys(configFile.shape);
  switch (inTarget[0]) {
    case undefined:
      return Object.keys(target.shape);
    case 'systemPackages':
      return Object.keys(systemPackages.shape);
    case 'prebuild':
      return Object.keys(prebuild.shape);
    case 'indexes':
      return Object.keys(index.shape);
    default:
      return [];
  }
}
