export function unpackSdist(
  project: { readonly name: string; readonly version: string },
  places: { readonly cache: string; readonly folder: string; readonly signal?: AbortSignal },
): Promise<{ readonly root: string; readonly requiresPython: string | undefined }>;
