/**
 * How the thread is started. The host's memory is everybody's: left alone, V8 lets garbage grow by 150 MB while a build floods,
 * where 20 are in use. At the limit of the old generation the thread ends, and not the host.
 */
export const THREAD = { name: 'PyPackage', execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 512 } };
