/** Waiting for a started container to end, whatever becomes of the connection. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError } from '../../errors.js';
import { number, object } from '../json.js';
import { connectionLost } from '../problems.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { inspectContainer } from './containers.js';

/** A connection that died without a word (a laptop that slept, a lost VPN) is found out after this time. */
const HEARTBEAT_MS = 15_000;
/** The output ends with the container; if it still runs so much later, its connection was cut. */
const GRACE_MS = 2_000;
const ANSWER_MS = 20_000;

type Turn = { readonly code: number } | { readonly failed: unknown } | 'beat' | 'output-ended';

/**
 * The container must have been started and must not remove itself: then asking after the start cannot miss its end.
 * @param outputEnded settles when its output has ended, for whatever reason.
 */
export async function waitForExit(api: EngineApi, id: string, outputEnded: Promise<unknown>, signal: AbortSignal | undefined): Promise<number> {
  const own = new AbortController();
  const both = signal ? AbortSignal.any([signal, own.signal]) : own.signal;
  const waited = api.json({ method: 'POST', path: `/containers/${name(id)}/wait`, what: 'wait for a container', signal: both, mayBeSilent: true }).then(
    (answer): Turn => ({ code: number(object(answer)['StatusCode']) }),
    (failed: unknown): Turn => ({ failed }),
  );
  const pause = (ms: number, turn: Turn): Promise<Turn> => sleep(ms, turn, { signal: own.signal, ref: true }).catch(() => turn);
  let ended: Promise<Turn> | undefined = outputEnded.then(() => pause(GRACE_MS, 'output-ended'));
  try {
    for (;;) {
      const turn = await Promise.race([waited, pause(HEARTBEAT_MS, 'beat'), ...(ended ? [ended] : [])]);
      if (typeof turn === 'object' && 'code' in turn) return turn.code;
      if (signal?.aborted) throw new CancelledError();
      const state = await inspectContainer(api, id, { signal, timeout: ANSWER_MS });
      if (!state) throw connectionLost(api.endpoint, new Error('the container was removed by somebody else'));
      if (state.exitCode !== undefined) return state.exitCode;
      if (typeof turn === 'object') throw turn.failed;
      if (turn === 'output-ended' && state.state !== 'paused') throw connectionLost(api.endpoint, new Error('the output of a running container ended'));
      if (turn === 'output-ended') ended = undefined;
    }
  } finally {
    own.abort();
  }
}
