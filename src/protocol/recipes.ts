/** Names that both ends use without the schemas: what activation loads imports these only. */
export const RECIPES = ['base', 'builder', 'layer', 'release'] as const;
export type Recipe = (typeof RECIPES)[number];
