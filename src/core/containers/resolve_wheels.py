"""Resolves requirements once, builds or downloads one wheel for each package, and looks what they need at run time.

Runs with the Python of the builder's pip environment, as root, in a container of the builder image.
In:  /run/pypackage/resolve.json {"requirements": [...], "compiling": {name: [Debian packages]}}
Out: /out/wheels/*.whl, /out/resolution.toml (pip lock, PEP 751), /out/system.json [{"package": ..., "because": ...}]
"""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zipfile

OUT = '/out'
# pip, telling of an index that it could not ask: otherwise it says only that there is no such package.
PIP = [sys.executable, '-c', '''
import logging, runpy, sys
class Told(logging.Handler):
    def emit(self, record):
        text = record.getMessage()
        if text.startswith('Could not fetch URL') and '404 Client Error' not in text:
            print('WARNING:', text, file=sys.stderr, flush=True)
logger = logging.getLogger('pip._internal.index.collector')
logger.setLevel(logging.DEBUG)
logger.addHandler(Told())
runpy.run_module('pip', run_name='__main__', alter_sys=True)
''']
QUIET = ['--disable-pip-version-check', '--no-input']
# Libraries that a manylinux wheel may take from the system (PEP 600 and auditwheel's policies), beyond libc's own.
POLICY = {
    'libGL.so.1': 'libgl1', 'libglib-2.0.so.0': 'libglib2.0-0', 'libgobject-2.0.so.0': 'libglib2.0-0', 'libgthread-2.0.so.0': 'libglib2.0-0',
    'libX11.so.6': 'libx11-6', 'libXext.so.6': 'libxext6', 'libXrender.so.1': 'libxrender1', 'libICE.so.6': 'libice6', 'libSM.so.6': 'libsm6',
    'libstdc++.so.6': 'libstdc++6', 'libz.so.1': 'zlib1g', 'libexpat.so.1': 'libexpat1', 'libgcc_s.so.1': 'libgcc-s1',
}
# What every Debian has, so that no release needs to install it.
ESSENTIAL = {'libc6', 'libgcc-s1', 'zlib1g', 'libcrypt1'}


def phase(name):
    """A line that the pipeline turns into a step."""
    print(f'\x1epypackage:{name}', flush=True)


def load_toml(path):
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.9 and 3.10
        from pip._vendor import tomli as tomllib
    with open(path, 'rb') as file:
        return tomllib.load(file)


def normalize(name):
    return re.sub(r'[-_.]+', '-', name).lower()


def lock(requirements):
    phase(f'resolve {len(requirements)} requirement{"" if len(requirements) == 1 else "s"}')
    path = '/tmp/requirements.in'
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(requirements) + '\n')
    os.makedirs(OUT, exist_ok=True)
    run([*PIP, 'lock', *QUIET, '-r', path, '-o', OUT + '/resolution.toml'])
    return load_toml(OUT + '/resolution.toml').get('packages', [])


def run(command, **options):
    code = subprocess.run(command, **options).returncode
    if code:
        sys.exit(code if code > 0 else 1)


def install_for_compiling(packages, table):
    from_source = [normalize(p['name']) for p in packages if not p.get('wheels')]
    wanted = sorted({debian for name in from_source for debian in table.get(name, [])})
    missing = [name for name in wanted if subprocess.run(['dpkg', '-s', name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode]
    if missing:
        phase('install ' + ', '.join(missing) + ' for compiling')
        run(['apt-get', '-qq', 'update'])
        run(['apt-get', '-qq', 'install', '--yes', '--no-install-recommends', *missing], env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'})


def requirement(package):
    """One package as pip's hash-checking mode wants it (https://pip.pypa.io/en/stable/topics/secure-installs/)."""
    name = package['name']
    for kind in ('vcs', 'directory'):
        if kind in package:
            sys.exit(f'{name} comes from a {kind} reference, which is not supported yet: publish it or depend on an archive')
    if 'archive' in package:
        archive = package['archive']
        return f"{name} @ {archive['url']} --hash=sha256:{archive['hashes']['sha256']}"
    files = package.get('wheels') or [package['sdist']]
    return f"{name}=={package['version']} " + ' '.join(f"--hash=sha256:{file['hashes']['sha256']}" for file in files)


def build(packages):
    phase(f'get or build {len(packages)} wheel{"" if len(packages) == 1 else "s"}')
    path = '/tmp/requirements.txt'
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(map(requirement, packages)) + '\n')
    # pip unpacks to a random folder, which -g would write into the binary: no debug information, the same bytes.
    env = {**os.environ, 'CFLAGS': (os.environ.get('CFLAGS', '') + ' -g0').strip()}
    run([*PIP, 'wheel', *QUIET, '--no-deps', '--require-hashes', '--wheel-dir', OUT + '/wheels', '-r', path], env=env)


def needed_libraries(data):
    """DT_NEEDED of an ELF64 little-endian file; empty for anything else. System V ABI, chapter 5."""
    if data[:6] != b'\x7fELF\x02\x01':
        return []
    offset, = struct.unpack_from('<Q', data, 0x20)
    size, count = struct.unpack_from('<HH', data, 0x36)
    headers = [struct.unpack_from('<IIQQQQQQ', data, offset + i * size) for i in range(count)]
    loads = [(h[3], h[2], h[5]) for h in headers if h[0] == 1]
    at = next((h for h in headers if h[0] == 2), None)
    if at is None:
        return []
    entries = [struct.unpack_from('<qQ', data, at[2] + i) for i in range(0, at[5], 16)]
    table = next((value for tag, value in entries if tag == 5), None)
    if table is None:
        return []
    base = next((table - address + file for address, file, length in loads if address <= table < address + length), None)
    if base is None:
        return []
    return [data[base + value:data.index(b'\0', base + value)].decode() for tag, value in entries if tag == 1]


def system_packages():
    phase('look what the wheels need at run time')
    found = {}
    for name in sorted(os.listdir(OUT + '/wheels')):
        with zipfile.ZipFile(f'{OUT}/wheels/{name}') as wheel:
            members = [m for m in wheel.namelist() if re.search(r'\.so(\.\d+)*$', m) or '/scripts/' in m]
            if not members:
                continue
            own = {os.path.basename(member) for member in members}
            needed = set()
            with tempfile.TemporaryDirectory() as folder:
                for member in members:
                    data = wheel.read(member)
                    libraries = needed_libraries(data)
                    if not libraries:
                        continue
                    needed.update(library for library in libraries if library not in own)
                for package, library in debian_packages(name, needed, folder):
                    if package not in ESSENTIAL:
                        found.setdefault(package, f'{name.split("-")[0]} uses {library}')
    with open(OUT + '/system.json', 'w', encoding='utf-8') as file:
        json.dump([{'package': package, 'because': because} for package, because in sorted(found.items())], file)


def debian_packages(wheel, needed, folder):
    """Which Debian packages hold the libraries: dpkg-shlibdeps' symbols and shlibs files know (deb-shlibs(5))."""
    for library in sorted(needed):
        if 'manylinux' in wheel or 'musllinux' in wheel:
            if library in POLICY:
                yield POLICY[library], library
            continue
        path = library_path(library)
        package = path and owner(path)
        if package:
            yield package, library


def library_path(library):
    listing = subprocess.run(['ldconfig', '-p'], stdout=subprocess.PIPE, encoding='utf-8').stdout
    for line in listing.splitlines():
        if line.strip().startswith(library + ' '):
            return line.split('=> ')[-1].strip()
    return None


def owner(path):
    # On a merged /usr the package may have registered /lib/... while ldconfig says /usr/lib/..., or the other way round.
    for candidate in (path, os.path.realpath(path), path.removeprefix('/usr') if path.startswith('/usr/lib') else '/usr' + path):
        done = subprocess.run(['dpkg', '-S', candidate], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding='utf-8')
        if done.returncode == 0:
            return done.stdout.split(':')[0]
    return None


def main():
    with open('/run/pypackage/resolve.json', encoding='utf-8') as file:
        options = json.load(file)
    packages = lock(options['requirements'])
    if packages:
        install_for_compiling(packages, options['compiling'])
        build(packages)
    os.makedirs(OUT + '/wheels', exist_ok=True)
    system_packages()


main()
