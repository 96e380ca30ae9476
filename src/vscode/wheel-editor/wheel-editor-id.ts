/** As package.json declares it. */
export const WHEEL_EDITOR = 'pypackage.wheel';
