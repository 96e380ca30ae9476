/** Colour and movement: decided once for each stream, from the stream and the environment. */

import type { Fillable } from '../core/pace.js';

/** What we need of standard output and standard error. */
export interface Output extends Fillable {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  on(event: 'resize' | 'drain' | 'close' | 'error', listener: () => void): unknown;
  off(event: 'resize' | 'drain' | 'close' | 'error', listener: () => void): unknown;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Style {
  readonly colour: boolean;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

export function styleOf(colour: boolean): Style {
  const paint = (on: number, off: number) => (text: string) => (colour && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text);
  return { colour, bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39) };
}

/** https://no-color.org and https://force-color.org; as in Node, FORCE_COLOR wins where both are set. */
export function wantsColour(env: Environment, output: Output): boolean {
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (isSet(env['NO_COLOR']) || env['TERM'] === 'dumb') return false;
  return output.isTTY === true;
}

/** Whether a line may be drawn again in place. A terminal in CI is a recording that nobody looks at while it moves. */
export function mayMove(env: Environment, output: Output): boolean {
  return output.isTTY === true && env['TERM'] !== 'dumb' && !(isSet(env['CI']) && env['CI'] !== 'false');
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
