/** Pushing an image under one of its names. */
import { throwIfAborted } from '../../errors.js';
import type { CredentialsSource } from '../credentials.js';
import { number, object, text } from '../json.js';
import { EngineRefusal } from '../problems.js';
import { pushProblem } from '../pull-problem.js';
import { parseReference } from '../references.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { pushHeader } from './registry-headers.js';

/** @param onProgress what the engine says of a layer, with how much of it is there */
export async function pushImage(
  api: EngineApi,
  reference: string,
  credentials: CredentialsSource,
  onProgress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { registry, name: image, tag } = parseReference(reference);
  const headers = await pushHeader(registry, credentials);
  throwIfAborted(signal);
  const what = `push ${reference}`;
  try {
    for await (const line of api.lines({ method: 'POST', path: `/images/${name(image)}/push`, query: { tag }, headers, what, signal, mayBeSilent: true })) {
      const problem = text(line['error']);
      if (problem !== '') throw pushProblem(reference, problem);
      const status = text(line['status']);
      if (status !== '') onProgress(progressText(status, text(line['id']), object(line['progressDetail'])));
    }
  } catch (error) {
    throw error instanceof EngineRefusal ? pushProblem(reference, error.reason) : error;
  }
}

function progressText(status: string, id: string, detail: ReturnType<typeof object>): string {
  const [current, total] = [number(detail['current']), number(detail['total'])];
  const share = total > 0 && current <= total ? ` ${Math.floor((100 * current) / total)} %` : '';
  return `${id === '' ? '' : `${id}: `}${status}${share}`;
}
