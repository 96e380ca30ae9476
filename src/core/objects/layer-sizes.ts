/** Which layer is how large: an engine lists instructions with sizes, and layers without. Pure. */
import type { ImageLayer } from '../engine/engine.js';

/** Instructions that change settings only. https://github.com/opencontainers/image-spec/blob/main/config.md (history, empty_layer) */
const SETTING = /^(?:\/bin\/sh -c #\(nop\) +)?(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;

/**
 * Bytes of each layer, the lowest first; undefined where instructions and layers cannot be matched.
 * @param count how many layers the image has
 * @param instructions the newest first
 */
export function layerSizes(count: number, instructions: readonly ImageLayer[]): readonly number[] | undefined {
  const sizes = instructions
    .filter(({ size, createdBy }) => size > 0 || !SETTING.test(createdBy))
    .map(({ size }) => size)
    .reverse();
  if (sizes.length === count) return sizes;
  const filled = sizes.filter((size) => size > 0);
  return filled.length === count ? filled : undefined;
}
