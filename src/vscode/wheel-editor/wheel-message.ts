/** What the page of a wheel says to the editor, and hears of it. Pure; media/wheel-editor/wheel.js is the other end. */

export type WhatToCopy = 'requirement' | 'hash';

export interface WheelMessage {
  readonly type: 'copy';
  readonly what: WhatToCopy;
}

export interface WheelReply {
  readonly type: 'said';
  readonly text: string;
}

/** undefined: it is none of these. */
export function parseWheelMessage(message: unknown): WheelMessage | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message) || !('what' in message) || message.type !== 'copy') return undefined;
  return message.what === 'requirement' || message.what === 'hash' ? { type: 'copy', what: message.what } : undefined;
}
