/** What pip, a build backend or a compiler meant, as one sentence with the next step. */
import { UserError } from '../../errors.js';
import type { Place } from '../../errors.js';
import { missingIn, packageWith, shownMissing } from '../../images/complaints.js';
import { requirementName } from '../../project/names.js';
import type { Project } from '../../project/project.js';
import { NO_NETWORK } from '../../network.js';
import type { Network } from '../../network.js';
import { remedyOf } from '../remedy.js';
import { explainIndex } from './index-failures.js';
import type { LogTail } from './log-tail.js';
import { complaintIn, frameIn } from './places.js';
import type { Locate, PlaceOfRequirement } from './places.js';

export interface BuildFailed {
  readonly project: Project;
  readonly exitCode: number;
  readonly tail: LogTail;
  /** The package that Debian's index names for what is missing, where the table does not. */
  readonly debian?: string | undefined;
  /** Default: nothing that was said is about a file of the project's. */
  readonly locate?: Locate;
  /** Where the project names its backend. */
  readonly placeOf?: (backend: string) => Place | undefined;
}

export function explainBuild({ project, exitCode, tail, debian, locate = () => undefined, placeOf = () => undefined }: BuildFailed): UserError {
  const missing = missingFile(tail, debian);
  const complaint = complaintIn(tail.lines, locate);
  if (missing) return notCompiled(`${project.name} does not compile`, missing, complaint?.place);
  const backend = tail.find(/^the build backend \S+ cannot be loaded: (.*)$/);
  if (backend) {
    return new UserError({
      kind: 'stage',
      code: 'backend-missing',
      message: `The build backend ${project.buildSystem.backend} cannot be loaded`,
      ...(backend.match[1] !== undefined && { why: backend.match[1] }),
      where: frameIn(tail.lines, locate) ?? placeOf(project.buildSystem.backend) ?? { file: project.metadataFile },
      fix: 'Name the distribution that holds it in build-system.requires',
    });
  }
  const command = tail.findLast(/^the build command (.*)$/)?.[1];
  if (command !== undefined) {
    return new UserError({
      kind: 'stage',
      code: 'build-command-failed',
      message: `The build command of ${project.name} ${command}`,
      fix: 'The log has all that it wrote',
    });
  }
  const unsure = tail.find(/Multiple top-level (packages|modules) discovered in a flat-layout: \[(.*?)\]/)?.match;
  if (unsure) {
    const [, kind = '', found = ''] = unsure;
    const own = project.normalizedName.replaceAll('-', '_');
    return new UserError({
      kind: 'stage',
      code: 'packages-ambiguous',
      message: `setuptools cannot tell which ${kind} belong to ${project.name}: there are ${found.replaceAll("'", '')}`,
      where: { file: project.metadataFile },
      why: 'With several at the top it takes none by itself',
      fix:
        kind === 'packages'
          ? `Say it in pyproject.toml: [tool.setuptools.packages.find] with include = ["${own}*"]`
          : `Say it in pyproject.toml: [tool.setuptools] with py-modules = ["${own}"]`,
    });
  }
  const tool = tail.find(/No such file or directory: '(npm|npx|node|yarn|pnpm|bun)'|\b(npm|npx|node|yarn|pnpm|bun): (?:command )?not found/)?.match;
  if (tool) {
    return new UserError({
      kind: 'stage',
      code: 'front-end-tool-missing',
      message: `The build of ${project.name} calls ${tool[1] ?? tool[2] ?? 'npm'}, which the builder does not have`,
      where: { file: project.metadataFile },
      why: 'It builds a front end',
      fix: 'Build the front end first, or let pypackage.json do it: { "version": 1, "defaults": { "systemPackages": { "build": ["npm"] } } } puts Debian\'s npm into the builder',
    });
  }
  const { backend: name } = project.buildSystem;
  const failed = tail.findLast(/^the build backend \S+ failed in (\w+)(?: at (\S+):(\d+))?: (.*)$/);
  const line = failed?.[3];
  const raised = failed?.[2] !== undefined && line !== undefined ? { file: failed[2], line: Number(line) } : frameIn(tail.lines, locate);
  if (complaint) {
    return new UserError({
      kind: 'stage',
      code: 'compile-failed',
      message: `${project.name} does not compile: ${complaint.text}`,
      where: complaint.place,
      ...(raised && { related: [{ ...raised, what: 'what had it compiled' }] }),
      why: howItEnded(name, failed?.[1], exitCode),
      fix: 'The log has all that the compiler wrote',
    });
  }
  return new UserError({
    kind: 'stage',
    code: 'wheel-build-failed',
    message: `${project.name} does not build: ${failed?.[4] ?? tail.last() ?? `${name} ended with exit code ${exitCode}`}`,
    where: raised ?? { file: project.metadataFile },
    why: howItEnded(name, failed?.[1], exitCode),
    fix: 'The log has all that the backend wrote',
  });
}

function howItEnded(backend: string, hook: string | undefined, exitCode: number): string {
  if (hook !== undefined) return `${backend} failed in ${hook}`;
  // 128 and the number of the signal: the kernel ends with SIGKILL what takes more memory than there is.
  return exitCode === 137 ? `${backend} was killed, as happens where memory runs out` : `${backend} ended with exit code ${exitCode}`;
}

export interface ResolveFailed extends Pick<BuildFailed, 'project' | 'exitCode' | 'tail' | 'debian'> {
  /** What names the dependencies: the lock, where there is one. */
  readonly file?: string | undefined;
  readonly network?: Network;
  /** Where that names one of them. */
  readonly placeOf?: PlaceOfRequirement;
}

export function explainResolve({ project, exitCode, tail, debian, file, network = NO_NETWORK, placeOf = () => undefined }: ResolveFailed): UserError {
  const where: Place = { file: file ?? project.metadataFile };
  const whereOf = (...names: readonly (string | undefined)[]): Place => {
    for (const name of names) {
      const place = name === undefined ? undefined : placeOf(requirementName(name) ?? name);
      if (place) return place;
    }
    return where;
  };
  const certificate = tail.find(/CERTIFICATE_VERIFY_FAILED/);
  if (certificate) {
    return new UserError({
      kind: 'stage',
      code: 'index-certificate',
      message: 'The package index shows a certificate that the builder does not trust',
      why: 'Its authority is not among the public ones, as in networks that inspect TLS',
      fix: "Set SSL_CERT_FILE to the network's bundle of authorities: it reaches the builder while it runs and no image",
    });
  }
  const missing = missingFile(tail, debian);
  const failing =
    tail.find(/(?:Failed to build|Failed building wheel for|error: subprocess-exited-with-error.*?) '?([A-Za-z0-9][\w.-]*)/) ??
    tail.find(/Building wheel for ([\w.-]+) .*: finished with status 'error'/);
  if (missing)
    return notCompiled(`${failing?.match[1] ?? 'A dependency'} does not compile`, missing, failing && placeOf(requirementName(failing.match[1] ?? '') ?? ''));
  const versions = tail.find(/\(from versions: (?!none)([^)\s][^)]*)\)/)?.match[1];
  if (network.offline) {
    const lacking = explainOffline(tail, versions, network.offline, whereOf);
    if (lacking) return lacking;
  }
  const index = versions === undefined ? explainIndex((pattern) => tail.find(pattern)?.match, where, network) : undefined;
  if (index) return index;
  const offline = tail.find(/Temporary failure in name resolution|NewConnectionError|Network is unreachable|Connection refused/);
  // pip ends with "no matching distribution" then, too.
  if (offline && !versions) {
    return new UserError({
      kind: 'stage',
      code: 'index-unreachable',
      message: 'The package index cannot be reached from the builder',
      why: offline.match[0],
      fix: 'Check the network of the engine; HTTPS_PROXY and PIP_INDEX_URL of your environment are passed on',
    });
  }
  const other = tail.find(/(\S+) has the sha256 ([0-9a-f]+), and ([0-9a-f]+|another one) is locked(?: \((\S+)\))?/)?.match;
  if (other) {
    const [, , found = '', locked = '', url] = other;
    return new UserError({
      kind: 'stage',
      code: 'hash-mismatch',
      message: `${other[1] ?? ''} is not the file that is locked`,
      where: whereOf(/^(.+?)-\d/.exec(other[1] ?? '')?.[1]),
      why: `It has the sha256 ${found}, and ${locked} is locked${url === undefined ? '' : `; it came from ${url}`}`,
      fix: 'Find out who changed it, the index or something on the way; if the change is right, lock again',
    });
  }
  const absent = tail.find(/No matching distribution found for (.+)$/);
  if (absent) {
    const requirement = absent.match[1]?.trim() ?? '';
    return new UserError({
      kind: 'stage',
      code: 'dependency-missing',
      message: versions === undefined ? `The package index has no ${requirement}` : `No version of ${requirement} fits`,
      where: whereOf(requirement, ...askedBy(tail)),
      ...(versions !== undefined && { why: `there are ${versions.split(', ').slice(-8).join(', ')}` }),
      fix: 'Check the name and the version in the dependencies, and that PIP_INDEX_URL names the right index',
    });
  }
  const conflict = tail.find(/Cannot install (.+) because these package versions have conflicting dependencies/);
  if (conflict) {
    return new UserError({
      kind: 'stage',
      code: 'dependencies-conflict',
      message: `The dependencies contradict each other: ${conflict.match[1] ?? ''} cannot be installed together`,
      where: whereOf(...(conflict.match[1] ?? '').split(/, | and /)),
      fix: 'Loosen one of the version bounds; the log names the pairs',
    });
  }
  if (failing) {
    const name = failing.match[1] ?? 'A dependency';
    const said = whatWasRaised(tail);
    return new UserError({
      kind: 'stage',
      code: 'dependency-build-failed',
      message: `${name} does not build${said === undefined ? '' : `: ${said}`}`,
      where: whereOf(name),
      fix: `A version of ${name} with a wheel for this Python saves building it; the log has what its backend wrote`,
    });
  }
  return new UserError({
    kind: 'stage',
    code: 'resolve-failed',
    message: `The dependencies cannot be prepared: ${tail.last() ?? `pip ended with exit code ${exitCode}`}`,
    where,
    fix: 'The log has all that pip wrote',
  });
}

/** Who asks for what was not found, the nearest first: `(from a->b)`. */
function askedBy(tail: LogTail): readonly string[] {
  const chain = tail.find(/Could not find a version that satisfies the requirement .+? \(from (?!versions)([^)]+)\)/)?.match[1];
  return chain === undefined ? [] : chain.split('->').toReversed();
}

/** The first that is not there: pip stops at it. */
function explainOffline(
  tail: LogTail,
  versions: string | undefined,
  folders: readonly string[],
  whereOf: (...names: readonly string[]) => Place,
): UserError | undefined {
  const requirement = tail.find(/No matching distribution found for (.+)$/)?.match[1]?.trim();
  if (requirement === undefined) return undefined;
  return new UserError({
    kind: 'stage',
    code: 'offline-missing',
    message: `There is no wheel of ${requirement} to package without a network`,
    where: whereOf(requirement, ...askedBy(tail)),
    why: versions === undefined ? `Looked into ${folders.join(' and ')}` : `There are ${versions} in ${folders.join(' and ')}`,
    fix: `Put it there with: pip download --dest ${folders[0] ?? 'FOLDER'} '${requirement}', or run once without --offline`,
  });
}

/** What a compiler said first, what Python raised last, or what else calls itself an error. */
function whatWasRaised(tail: LogTail): string | undefined {
  const found =
    tail.find(/: (?:fatal )?error: (.+)$/)?.match ??
    tail.findLast(/^\s*((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Exit): .+)$/) ??
    tail.find(/^\s*(?:error|fatal error): (?!Failed|subprocess)(.+)$/i)?.match;
  return found?.[1]?.trim();
}

interface MissingFile {
  readonly file: string;
  readonly debian: string | undefined;
}

function missingFile(tail: LogTail, debian: string | undefined): MissingFile | undefined {
  const missing = missingIn((pattern) => tail.find(pattern)?.match);
  if (!missing) return undefined;
  const known = packageWith(missing) ?? debian;
  // What no package has is a file of the project's as often as a program.
  return missing.kind === 'program' && known === undefined ? undefined : { file: shownMissing(missing), debian: known };
}

function notCompiled(what: string, { file, debian }: MissingFile, where: Place | undefined): UserError {
  return new UserError({
    kind: 'stage',
    code: 'compile-missing-file',
    message: `${what}: ${file} is missing`,
    ...(where && { where }),
    ...(debian !== undefined && { why: `the builder image lacks Debian's ${debian}` }),
    ...remedyOf('build', debian, 'Use a base image that has it, with --base-image'),
  });
}
