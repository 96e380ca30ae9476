import { describe, expect, test } from 'vitest';
import { missingIn, packageWith, shownMissing } from '../../../src/core/images/complaints.js';

function found(log: string): string | undefined {
  const lines = log.split('\n');
  const missing = missingIn((pattern) => lines.map((line) => pattern.exec(line)).find((match) => match !== null) ?? undefined);
  return missing && `${missing.kind} ${shownMissing(missing)}: ${packageWith(missing) ?? '?'}`;
}

describe('what compilers and tools complain of', () => {
  test.each([
    ['gcc', 'src/a.c:29:10: fatal error: mysql.h: No such file or directory', 'header mysql.h: default-libmysqlclient-dev'],
    ['clang', "a.c:1:10: fatal error: 'graphviz/cgraph.h' file not found", 'header graphviz/cgraph.h: ?'],
    ['the linker', '/usr/bin/ld: cannot find -lpq: No such file or directory', 'library libpq: libpq-dev'],
    ['pkg-config', 'Package xmlsec1 was not found in the pkg-config search path.', 'module xmlsec1.pc: libxmlsec1-dev'],
    ['pkg-config, as a requirement', "Package 'libxml-2.0', required by 'xmlsec1', was not found", 'module libxml-2.0.pc: libxml2-dev'],
    ['pkg-config 0.29', "No package 'yaml-0.1' found", 'module yaml-0.1.pc: libyaml-dev'],
    ['pkgconfig of the index', 'pkgconfig.pkgconfig.PackageNotFoundError: xmlsec1 not found', 'module xmlsec1.pc: libxmlsec1-dev'],
    [
      'a setup.py that asks pkg-config',
      "Command 'pkg-config --exists mysqlclient' returned non-zero exit status 1.",
      'module mysqlclient.pc: default-libmysqlclient-dev',
    ],
    ['Meson', '../meson.build:3:7: ERROR: Dependency "openblas" not found, tried pkgconfig and cmake', 'module openblas.pc: libopenblas-dev'],
    ['CMake', 'CMake Error at CMakeLists.txt:3\n  Could NOT find ZLIB (missing: ZLIB_LIBRARY)', 'module ZLIB: zlib1g-dev'],
    ['CMake that goes on', '-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)', undefined],
    ['a CMake package', 'Could not find a package configuration file provided by "Eigen3" with any of', 'module Eigen3: ?'],
    ['psycopg2', 'Error: pg_config executable not found.', 'program pg_config: libpq-dev'],
    ['a shell', '/bin/sh: 1: krb5-config: not found', 'program krb5-config: libkrb5-dev'],
    ['Python', "FileNotFoundError: [Errno 2] No such file or directory: 'swig'", 'program swig: swig'],
    ['Python, of a file', "FileNotFoundError: [Errno 2] No such file or directory: 'README.md'", undefined],
    ['setuptools-rust', "error: can't find Rust compiler", 'program cargo: cargo'],
    ['maturin', 'Cargo, the Rust package manager, is not installed or is not on PATH.', 'program cargo: cargo'],
    ['nothing of the kind', 'ValueError: Unable to determine which files to ship', undefined],
  ])('%s', (_, log, said) => {
    expect(found(log)).toBe(said);
  });
});
