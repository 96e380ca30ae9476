/** Somebody else's output as it may be shown: nothing in it moves a cursor, hides text, or reaches past the line it stands on. */

import { wellFormed } from './bytes.js';

/**
 * Control sequences of ECMA-48: CSI; then OSC, DCS, SOS, PM and APC with their ends (titles, links, the clipboard); then the
 * short ones. None may be tried again from each of its characters: a line has up to 64 KiB, and whoever wrote it may mean harm.
 */
const SEQUENCES =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u0090\u0098\u009c-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;
const COLOUR_ONLY = /\u001b\[[0-9;:]*m/g;
/** What is left of controls, separators of lines, the mark of an encoding, and what turns the direction of text around (CVE-2021-42574). */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/g;
const SUSPECT = new RegExp(UNSAFE.source);

/**
 * One line: what a carriage return would have overwritten is gone, so are escape sequences and control characters. With
 * `colour`, sequences that only set colours stay, and end with the line.
 */
export function harmless(printed: string, colour = false): string {
  const text = wellFormed(printed);
  if (!SUSPECT.test(text)) return text; // nearly every line
  let end = text.length;
  while (text[end - 1] === '\r') end -= 1;
  const last = text.slice(text.lastIndexOf('\r', end - 1) + 1, end);
  if (!colour || !last.includes('\u001b')) return clean(last);
  const pieces = last.split(COLOUR_ONLY).map(clean);
  const colours = last.match(COLOUR_ONLY) ?? [];
  return pieces.map((piece, index) => piece + (colours[index] ?? '')).join('') + '\u001b[0m';
}

function clean(text: string): string {
  return text.replace(SEQUENCES, '').replaceAll('\t', '    ').replace(UNSAFE, '');
}

/** For where nobody reads a whole page of one line; the log file has it. */
export function shortened(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const last = text.charCodeAt(characters - 1);
  const end = last >= 0xd800 && last < 0xdc00 ? characters - 1 : characters;
  // A copy: a part of a text keeps the whole of it in memory.
  return `${Buffer.from(text.slice(0, end)).toString()}… (${(text.length - end).toLocaleString('en')} more characters)`;
}
