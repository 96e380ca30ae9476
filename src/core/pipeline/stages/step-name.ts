/** BuildKit names a step by its whole instruction; a person wants to know which it is and what it does. */

/** `[stage-0 2/3] RUN --mount=… . network.sh && apt-get install …` → `2/3 RUN apt-get install …` */
export function stepName(vertex: string): string {
  const match = /^\[(?:[^\]]* )?(\d+\/\d+)\] (\w+) (.*)$/s.exec(vertex);
  if (!match) return vertex.replace(/^FROM docker\.io\/(library\/)?/, 'FROM ');
  const [, count = '', word = '', rest = ''] = match;
  return `${count} ${word} ${word === 'RUN' ? command(rest) : rest.replace(/^docker\.io\/(library\/)?/, '')}`;
}

function command(text: string): string {
  const withoutMounts = text.replaceAll(/--(?:mount|network|security)=\S+\s*/g, '').trim();
  return withoutMounts
    .replace(/^\. \S+\/network\.sh\s*&&\s*/, '')
    .replace(/^(?:[A-Z_]+=\S+ )+/, '')
    .replaceAll(/\s+/g, ' ');
}

/** Bookkeeping of the engine that tells a person nothing. */
export function isInternalStep(vertex: string): boolean {
  return vertex.startsWith('[internal]');
}
