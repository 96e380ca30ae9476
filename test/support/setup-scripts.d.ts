declare module '*/setup/code-server.mjs' {
  export function ensureCodeServer(
    cacheDir: string,
    options?: { readonly age?: 'newest' | 'oldest' },
  ): Promise<{ readonly node: string; readonly entry: string }>;
}

declare module '*/setup/chromium.mjs' {
  export function ensureChromium(): Promise<string>;
}

declare module '*/setup/editor.mjs' {
  export function freePort(): Promise<number>;
}
