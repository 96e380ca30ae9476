/** What the engine's words about a failed build mean. */
import { UserError } from '../../../errors.js';
import { BuildFailure } from '../../engine.js';
import type { BuildRequest } from '../../engine.js';
import { pullProblem } from '../../pull-problem.js';
import { linesOfStep } from './dockerfile-lines.js';

export interface Account {
  /** The error with which the engine ended the build. */
  readonly problem: string;
  /** The step to blame. */
  readonly step: { readonly name: string; readonly message: string; readonly logTail: readonly string[] } | undefined;
  readonly missingSecrets: readonly string[];
}

/** undefined where nothing in the Dockerfile is to blame. */
export function buildFailure(request: BuildRequest, account: Account): Error | undefined {
  const { dockerfileName, dockerfile } = request;
  const { problem, step } = account;
  const missing = account.missingSecrets.filter((id) => problem.includes(id));
  if (missing.length > 0) {
    return new UserError({ kind: 'engine', code: 'missing-secret', message: `${dockerfileName} needs the secret ${missing.join(', ')}, which was not given` });
  }
  // "dockerfile parse error line 3: …" (20.10), "… on line 3: …" (later)
  const parse = /dockerfile parse error (?:on )?line (\d+): (.*)/is.exec(problem);
  if (parse) {
    const line = Number(parse[1]);
    return new BuildFailure(`${dockerfileName}, line ${line}: ${parse[2] ?? problem}`, { dockerfileName, line, logTail: [], cause: new Error(problem) });
  }
  if (!step) return undefined;
  const image = /^\[internal\] load metadata for (\S+)/.exec(step.name)?.[1];
  if (image !== undefined) return pullProblem(image, step.message);
  const exit = /exit code: (\d+)/.exec(step.message) ?? /exit code: (\d+)/.exec(problem);
  const line = linesOfStep(dockerfile, step.name)?.start;
  const where = line === undefined ? dockerfileName : `${dockerfileName}, line ${line}`;
  const how = exit ? `ended with exit code ${exit[1]}` : `failed: ${step.message}`;
  return new BuildFailure(`${where}: ${step.name} ${how}`, {
    dockerfileName,
    ...(line !== undefined && { line }),
    step: step.name,
    ...(exit && { exitCode: Number(exit[1]) }),
    logTail: step.logTail.length > 0 ? step.logTail : [step.message],
    cause: new Error(problem),
  });
}
