import { json, messageIn, request, text } from '../setup/engine-client.mjs';
import { SetupError } from '../setup/say.mjs';

/** Copies an image from one engine to another, as `docker save | docker load`. */
export async function carryImage(from, to, reference, signal) {
  const saved = await request(from, 'GET', `/images/${reference}/get`, { signal });
  if (saved.statusCode !== 200) throw new SetupError(`${from} does not hand out ${reference}: ${messageIn(await text(saved))}`);
  const loaded = await request(to, 'POST', '/images/load', { body: saved, signal });
  const said = await text(loaded);
  if (loaded.statusCode >= 400 || said.includes('"error"')) throw new SetupError(`${to} does not take ${reference}: ${messageIn(said)}`);
  if ((await json(to, 'GET', `/images/${reference}/json`)) === undefined) throw new SetupError(`${to} took ${reference} and does not have it: ${said.trim()}`);
}
