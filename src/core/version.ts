/** Put in by the bundler (scripts/build.mjs); absent where the sources run unbundled, as in unit tests. */
declare const PYPACKAGE_VERSION: string | undefined;

export const VERSION: string = typeof PYPACKAGE_VERSION === 'string' ? PYPACKAGE_VERSION : '0.0.0-source';
