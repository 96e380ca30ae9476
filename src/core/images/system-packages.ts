/**
 * What Debian calls the things that well-known distributions need to compile. Only for compiling: what a built wheel needs
 * at run time is read from its ELF files (containers/resolve_wheels.py).
 */
const FOR_COMPILING: Readonly<Record<string, readonly string[]>> = {
  cffi: ['libffi-dev'],
  cryptography: ['libssl-dev', 'libffi-dev'],
  h5py: ['libhdf5-dev'],
  lxml: ['libxml2-dev', 'libxslt1-dev', 'zlib1g-dev'],
  mysqlclient: ['default-libmysqlclient-dev'],
  pillow: ['libjpeg-dev', 'zlib1g-dev', 'libfreetype-dev', 'libwebp-dev', 'libtiff-dev'],
  psycopg: ['libpq-dev'],
  'psycopg-c': ['libpq-dev'],
  psycopg2: ['libpq-dev'],
  pycairo: ['libcairo2-dev'],
  pycurl: ['libcurl4-openssl-dev', 'libssl-dev'],
  pygobject: ['libgirepository1.0-dev', 'libcairo2-dev'],
  pymssql: ['freetds-dev'],
  pynacl: ['libsodium-dev'],
  pyodbc: ['unixodbc-dev'],
  'python-ldap': ['libldap2-dev', 'libsasl2-dev'],
  'python-magic': [],
  pyyaml: ['libyaml-dev'],
  uwsgi: ['libpcre2-dev'],
  xmlsec: ['libxmlsec1-dev', 'libxml2-dev'],
};

export function packagesForCompiling(normalizedNames: Iterable<string>): readonly string[] {
  const found = new Set<string>();
  for (const name of normalizedNames) for (const debian of FOR_COMPILING[name] ?? []) found.add(debian);
  return [...found].sort();
}

export function compilingTable(): Readonly<Record<string, readonly string[]>> {
  return FOR_COMPILING;
}

/** Headers whose absence stops a compiler, and the Debian package that has them. */
const HEADERS: readonly (readonly [RegExp, string])[] = [
  [/^mysql(\/|\.h)/, 'default-libmysqlclient-dev'],
  [/^libpq(-fe)?(\/|\.h)|^pg_config/, 'libpq-dev'],
  [/^libxml\//, 'libxml2-dev'],
  [/^libxslt\//, 'libxslt1-dev'],
  [/^ffi\.h/, 'libffi-dev'],
  [/^openssl\//, 'libssl-dev'],
  [/^ldap\.h|^lber\.h/, 'libldap2-dev'],
  [/^sasl\//, 'libsasl2-dev'],
  [/^jpeglib\.h/, 'libjpeg-dev'],
  [/^zlib\.h/, 'zlib1g-dev'],
  [/^sql\.h/, 'unixodbc-dev'],
  [/^curl\//, 'libcurl4-openssl-dev'],
  [/^yaml\.h/, 'libyaml-dev'],
  [/^sodium\.h/, 'libsodium-dev'],
  [/^cairo/, 'libcairo2-dev'],
  [/^geos_c\.h/, 'libgeos-dev'],
  [/^gdal/, 'libgdal-dev'],
  [/^Python\.h/, 'python3-dev'],
];

export function packageWithHeader(header: string): string | undefined {
  return HEADERS.find(([pattern]) => pattern.test(header))?.[1];
}
