/** What a wheel file says about itself (PEP 427, core metadata). */
export interface Wheel {
  readonly fileName: string;
  readonly name: string;
  readonly normalizedName: string;
  readonly version: string;
  /** Expanded: `py3-none-any`. */
  readonly tags: readonly string[];
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly requiresPython: string | undefined;
  readonly requiresDist: readonly string[];
  readonly providesExtra: readonly string[];
  readonly summary: string | undefined;
  /** `console_scripts` by name. */
  readonly consoleScripts: ReadonlyMap<string, string>;
  /** Paths of RECORD with their `sha256=…` where given. */
  readonly record: readonly { readonly path: string; readonly hash: string | undefined; readonly size: number | undefined }[];
}
// export async function readWheel(file: string): Promise<Wheel>   UserError 'wheel-invalid' that names the file and what is wrong
// export async function readWheelBuffer(fileName: string, content: Uint8Array): Promise<Wheel>
