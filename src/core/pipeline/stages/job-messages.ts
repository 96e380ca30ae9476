/** What scripts of ours tell from inside a job's container (containers/report.py), told apart from output. */
import * as z from 'zod/mini';
import { imports } from '../image-facts.js';

const MARK = '\u001Epypackage:';

const message = z.union([
  z.object({ step: z.string(), name: z.string(), state: z.enum(['started', 'done', 'failed']), ms: z.optional(z.number()) }),
  z.object({ step: z.string(), text: z.string() }),
  z.object({ imports }),
  z.object({ progress: z.string(), current: z.number(), total: z.optional(z.number()), unit: z.enum(['bytes', 'items']) }),
]);
export type JobMessage = z.infer<typeof message>;

/** undefined for what is output. */
export function readJobMessage(line: string): JobMessage | undefined {
  if (!line.startsWith(MARK)) return undefined;
  try {
    const parsed = z.safeParse(message, JSON.parse(line.slice(MARK.length)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
