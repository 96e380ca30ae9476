/** One line for the person who waits. */
export function say(text = '') {
  process.stdout.write(`${text}\n`);
}

/** What a person can act on: it is printed without a stack, and the script ends with 1. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** `12.3 s` */
export function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/** Says what is done before it begins, and how long it took. */
export async function step(text, work) {
  say(`> ${text}`);
  const began = Date.now();
  const result = await work();
  say(`  done in ${seconds(began)}`);
  return result;
}
