/** The projects that `npm run corpus` packages: source distributions as the package index has them. */

/**
 * @typedef {object} CorpusProject
 * @property {string} name as the index has it
 * @property {string} version
 * @property {boolean} [quick] part of `npm test`
 * @property {object} [config] its pypackage.json
 * @property {string} [why] what a person should know of it
 */

/** @type {readonly CorpusProject[]} */
export const PROJECTS = [
  { name: 'docopt', version: '0.6.2', quick: true },
  { name: 'uWSGI', version: '2.0.31', why: 'its module uwsgidecorators can only be imported inside of uwsgi' },
  { name: 'celery', version: '5.7.0' },
  { name: 'modoboa', version: '2.12.0' },
  {
    name: 'psycopg-c',
    version: '3.3.8',
    config: { version: 1, defaults: { requirements: ['psycopg==3.3.8'] } },
    why: 'it can only be imported after psycopg, which its metadata does not ask for: pypackage.json does',
  },
  { name: 'xmlsec', version: '1.3.17' },
  { name: 'pyzmq', version: '27.3.0' },
  { name: 'cryptography', version: '50.0.2' },
  { name: 'flask', version: '3.1.3', quick: true },
  { name: 'attrs', version: '26.1.0', quick: true },
  { name: 'mcp', version: '2.3.0', quick: true },
  { name: 'netbox', version: '4.7.3' },
  { name: 'archivebox', version: '0.9.73' },
  { name: 'nautobot', version: '3.2.7' },
  { name: 'marimo', version: '0.25.2' },
  { name: 'open-webui', version: '0.12.4' },
];
