/**
 * What Debian calls the things that Python distributions use and do not say. Data only; `system-packages.ts` reads it. What a wheel links to
 * is not here: it is found in its ELF files (containers/system_packages.py). Distributions stand by their normalised names (PEP 503).
 */

type Packages = readonly string[];

/** For compiling a distribution. */
export const FOR_COMPILING: Readonly<Record<string, Packages>> = {
  cffi: ['libffi-dev'],
  cryptography: ['libssl-dev', 'libffi-dev'],
  fiona: ['libgdal-dev'],
  gdal: ['libgdal-dev'],
  gevent: ['libev-dev', 'libc-ares-dev'],
  gssapi: ['libkrb5-dev'],
  h5py: ['libhdf5-dev'],
  lxml: ['libxml2-dev', 'libxslt1-dev', 'zlib1g-dev'],
  mysqlclient: ['default-libmysqlclient-dev'],
  pillow: ['libjpeg-dev', 'zlib1g-dev', 'libfreetype-dev', 'libwebp-dev', 'libtiff-dev'],
  psycopg: ['libpq-dev'],
  'psycopg-c': ['libpq-dev'],
  psycopg2: ['libpq-dev'],
  pyaudio: ['portaudio19-dev'],
  pycairo: ['libcairo2-dev'],
  pycups: ['libcups2-dev'],
  pycurl: ['libcurl4-openssl-dev', 'libssl-dev'],
  pygobject: ['libgirepository1.0-dev', 'libcairo2-dev'],
  pymssql: ['freetds-dev'],
  pynacl: ['libsodium-dev'],
  pyodbc: ['unixodbc-dev'],
  pyproj: ['libproj-dev', 'proj-bin'],
  'python-ldap': ['libldap2-dev', 'libsasl2-dev'],
  'rrdtool-bindings': ['librrd-dev'],
  rrdtool: ['librrd-dev'],
  pyyaml: ['libyaml-dev'],
  pyzmq: ['libzmq3-dev'],
  shapely: ['libgeos-dev'],
  'systemd-python': ['libsystemd-dev'],
  tables: ['libhdf5-dev', 'libbz2-dev', 'libblosc-dev', 'liblzo2-dev'],
  uwsgi: ['libpcre2-dev', 'zlib1g-dev'],
  xmlsec: ['libxmlsec1-dev', 'libxml2-dev', 'zlib1g-dev'],
};

/**
 * Distributions of the index that must be compiled from source beside one that is: both hand the same library's structures to each other, and
 * a wheel brings a copy of that library of its own.
 */
export const COMPILED_TOGETHER: Readonly<Record<string, readonly string[]>> = {
  xmlsec: ['lxml'],
};

/** For a build requirement (PEP 518): tools that are not on the package index. */
export const FOR_BUILDING_WITH: Readonly<Record<string, Packages>> = {
  maturin: ['cargo', 'rustc'],
  'meson-python': ['ninja-build', 'patchelf'],
  'scikit-build-core': ['cmake', 'ninja-build'],
  'setuptools-rust': ['cargo', 'rustc'],
  'swig-python': ['swig'],
};

/**
 * Loaded by name while running (dlopen, ctypes), or called at import. Patterns for the whole name: the same library is called otherwise
 * in other releases of Debian.
 */
export const LOADED_BY_NAME: Readonly<Record<string, Packages>> = {
  cairocffi: ['libcairo2'],
  filemagic: ['libmagic1(t64)?'],
  fusepy: ['libfuse2(t64)?'],
  gitpython: ['git'],
  libusb1: ['libusb-1\\.0-0'],
  mpv: ['libmpv[12]'],
  opuslib: ['libopus0'],
  pangocairocffi: ['libpangocairo-1\\.0-0'],
  pangocffi: ['libpango-1\\.0-0'],
  pyenchant: ['libenchant-2-2'],
  pyglet: ['libgl1'],
  pylibdmtx: ['libdmtx0[a-z]?(t64)?'],
  pymediainfo: ['libmediainfo0v5(t64)?'],
  pyopencl: ['ocl-icd-libopencl1'],
  pyopengl: ['libgl1'],
  pysaml2: ['xmlsec1'],
  pysdl2: ['libsdl2-2\\.0-0'],
  'python-magic': ['libmagic1(t64)?'],
  'python-vlc': ['libvlc5'],
  'python-xmp-toolkit': ['libexempi8'],
  pyudev: ['libudev1'],
  pyusb: ['libusb-1\\.0-0'],
  pyvips: ['libvips42(t64)?'],
  pyzbar: ['libzbar0(t64)?'],
  sounddevice: ['libportaudio2'],
  soundfile: ['libsndfile1'],
  wand: ['libmagickwand-[67]\\.q16-[0-9]+(t64)?'],
  weasyprint: ['libpango-1\\.0-0', 'libpangoft2-1\\.0-0', 'libharfbuzz0b', 'libharfbuzz-subset0', 'libfontconfig1'],
};

/** The same, by what stands in the application's own Python files: a part of a distribution that few use. */
export const LOADED_BY_TEXT: Readonly<Record<string, Packages>> = {
  'django.contrib.gis': ['libgdal[0-9]+(t64)?', 'libgeos-c1(v5|t64)', 'libproj[0-9]+(t64)?'],
  'django.contrib.gis.db.backends.spatialite': ['libsqlite3-mod-spatialite'],
};

/** Headers whose absence stops a compiler. The first pattern that matches counts. */
export const HEADERS: readonly (readonly [RegExp, string])[] = [
  [/^mysql(\/|\.h)/, 'default-libmysqlclient-dev'],
  [/^libpq(-fe)?(\/|\.h)/, 'libpq-dev'],
  [/^libxml\//, 'libxml2-dev'],
  [/^libxslt\//, 'libxslt1-dev'],
  [/^xmlsec\//, 'libxmlsec1-dev'],
  [/^ffi\.h/, 'libffi-dev'],
  [/^openssl\//, 'libssl-dev'],
  [/^ldap\.h|^lber\.h/, 'libldap2-dev'],
  [/^sasl\//, 'libsasl2-dev'],
  [/^jpeglib\.h/, 'libjpeg-dev'],
  [/^zlib\.h/, 'zlib1g-dev'],
  [/^sql(ext)?\.h/, 'unixodbc-dev'],
  [/^curl\//, 'libcurl4-openssl-dev'],
  [/^yaml\.h/, 'libyaml-dev'],
  [/^sodium\.h/, 'libsodium-dev'],
  [/^cairo/, 'libcairo2-dev'],
  [/^geos_c\.h/, 'libgeos-dev'],
  [/^gdal/, 'libgdal-dev'],
  [/^zmq\.h/, 'libzmq3-dev'],
  [/^Python\.h/, 'python3-dev'],
];

/** Modules of pkg-config, CMake and Meson, in lower case: `xmlsec1.pc`, `Could NOT find ZLIB`. */
export const MODULES: Readonly<Record<string, string>> = {
  cairo: 'libcairo2-dev',
  curl: 'libcurl4-openssl-dev',
  freetype: 'libfreetype-dev',
  freetype2: 'libfreetype-dev',
  gdal: 'libgdal-dev',
  geos: 'libgeos-dev',
  'glib-2.0': 'libglib2.0-dev',
  'gobject-2.0': 'libglib2.0-dev',
  'gobject-introspection-1.0': 'libgirepository1.0-dev',
  hdf5: 'libhdf5-dev',
  jpeg: 'libjpeg-dev',
  libcurl: 'libcurl4-openssl-dev',
  libffi: 'libffi-dev',
  libjpeg: 'libjpeg-dev',
  libpng: 'libpng-dev',
  libpq: 'libpq-dev',
  libsystemd: 'libsystemd-dev',
  'libxml-2.0': 'libxml2-dev',
  libxml2: 'libxml2-dev',
  libxslt: 'libxslt1-dev',
  libzmq: 'libzmq3-dev',
  mariadb: 'default-libmysqlclient-dev',
  mysqlclient: 'default-libmysqlclient-dev',
  openblas: 'libopenblas-dev',
  openssl: 'libssl-dev',
  png: 'libpng-dev',
  postgresql: 'libpq-dev',
  xmlsec1: 'libxmlsec1-dev',
  'yaml-0.1': 'libyaml-dev',
  zlib: 'zlib1g-dev',
};

/** Libraries that a linker is told of as `-lNAME`. */
export const LIBRARIES: Readonly<Record<string, string>> = {
  crypto: 'libssl-dev',
  curl: 'libcurl4-openssl-dev',
  ffi: 'libffi-dev',
  jpeg: 'libjpeg-dev',
  lber: 'libldap2-dev',
  ldap: 'libldap2-dev',
  mysqlclient: 'default-libmysqlclient-dev',
  openblas: 'libopenblas-dev',
  pq: 'libpq-dev',
  ssl: 'libssl-dev',
  xml2: 'libxml2-dev',
  z: 'zlib1g-dev',
  zmq: 'libzmq3-dev',
};

/** Programs that builds call. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  bison: 'bison',
  cargo: 'cargo',
  cmake: 'cmake',
  'curl-config': 'libcurl4-openssl-dev',
  flex: 'flex',
  'gdal-config': 'libgdal-dev',
  'geos-config': 'libgeos-dev',
  gfortran: 'gfortran',
  'krb5-config': 'libkrb5-dev',
  'llvm-config': 'llvm-dev',
  mariadb_config: 'default-libmysqlclient-dev',
  mysql_config: 'default-libmysqlclient-dev',
  'nc-config': 'libnetcdf-dev',
  nasm: 'nasm',
  ninja: 'ninja-build',
  pg_config: 'libpq-dev',
  protoc: 'protobuf-compiler',
  rustc: 'rustc',
  swig: 'swig',
  'xml2-config': 'libxml2-dev',
  'xslt-config': 'libxslt1-dev',
};
