/**
 * The tools that we put into the builder, pinned by hash. pip 26.3 needs Python 3.10; 26.0.1 is the last for 3.9
 * (https://pypi.org/project/pip/#history).
 */
const PIP_NEWEST = 'pip==26.3 --hash=sha256:f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13';
const PIP_FOR_PYTHON_39 = 'pip==26.0.1 --hash=sha256:bdb1b08f4274833d62c1aa29e20907365a2ceb950410df15fc9521bad440122b';

/** The oldest Python that the pinned pip serves. */
export const OLDEST_PYTHON = '3.9';

/** @param python `3.13` */
export function pipRequirement(python: string): string {
  return python === '3.9' ? PIP_FOR_PYTHON_39 : PIP_NEWEST;
}

/** pip in an environment of its own, so that it is in neither the application's nor the backend's. */
export const PIP_ENV = '/opt/pypackage/pip';
/** The build backend and its requirements (PEP 518), prepared once. */
export const BUILD_ENV = '/opt/pypackage/build';
/** Where wheels lie in the images that hold nothing else. */
export const WHEELHOUSE = '/wheelhouse';
/** Where the sources of a site lie, in the image that holds nothing else and in its release. */
export const APPLICATION = '/application';
