/** What a run came to, for extensions that started it through a command. docs/commands.md describes it. Pure. */
import type { RunState } from '../run-state.js';

export interface RunResult {
  readonly outcome: 'done' | 'failed' | 'cancelled';
  readonly ms: number;
  readonly changed: boolean;
  /** The one that failed. */
  readonly stage?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly fix?: string };
  readonly log?: string;
  readonly release?: { readonly image: string; readonly tags: readonly string[] };
  readonly lock?: string;
}

export function resultOf(run: RunState): RunResult | undefined {
  const { phase, ms, startedAt, endedAt, changed, stage, error, log, release, lock } = run;
  if (phase === 'running') return undefined;
  return {
    outcome: phase,
    ms: ms ?? (endedAt ?? startedAt) - startedAt,
    changed,
    ...(phase === 'failed' && stage !== undefined && { stage }),
    ...(error && { error: { code: error.code, message: error.message, ...(error.fix !== undefined && { fix: error.fix }) } }),
    ...(log !== undefined && { log }),
    ...(release && { release: { image: release.image, tags: release.tags } }),
    ...(lock !== undefined && { lock }),
  };
}
