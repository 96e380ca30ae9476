/** What is dragged out of the view Wheels. Pure. */
import { pathToFileURL } from 'node:url';
import type { WheelElement } from './wheel-rows.js';

/** A line for each wheel (RFC 2483); undefined where no row is one. */
export function uriListOf(elements: readonly WheelElement[]): string | undefined {
  const uris = elements.flatMap((element) => (element.row === 'wheel' ? [pathToFileURL(element.wheel).href] : []));
  return uris.length === 0 ? undefined : uris.join('\r\n');
}
