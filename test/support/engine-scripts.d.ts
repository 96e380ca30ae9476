declare module '*/engines/docker.mjs' {
  export interface Daemon {
    readonly url: string;
    /** Of a process in its namespaces. */
    readonly pid: number;
    stop(): Promise<void>;
  }

  export function startDockerd(
    context: { readonly folder: string; readonly signal: AbortSignal },
    options?: { readonly before?: string; readonly path?: string; readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> },
  ): Promise<Daemon>;
}

declare module '*/engines/carry.mjs' {
  export function carryImage(from: string, to: string, reference: string, signal: AbortSignal): Promise<void>;
}
