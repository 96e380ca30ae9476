import type { CancellationToken } from 'vscode';

/** VS Code's token as the AbortSignal that the core understands. */
export async function withSignal<T>(token: CancellationToken | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const subscription = token?.onCancellationRequested(() => abort.abort());
  try {
    return await work(abort.signal);
  } finally {
    subscription?.dispose();
  }
}
