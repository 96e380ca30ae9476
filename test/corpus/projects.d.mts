export interface CorpusProject {
  readonly name: string;
  readonly version: string;
  readonly quick?: boolean;
  readonly config?: object;
  readonly why?: string;
}
export const PROJECTS: readonly CorpusProject[];
