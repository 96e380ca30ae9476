"""Resolves requirements once, builds or downloads one wheel for each package, and looks what they need at run time.

Runs with the Python of the builder's pip environment, as root, in a container of the builder image.
In:  /run/pypackage/resolve.json {"requirements": [...], "compiling": {name: [Debian packages]}, "loaded": {name: [patterns of Debian packages]}}
Out: /out/wheels/*.whl, /out/resolution.toml (pip lock, PEP 751), /out/system.json (system_packages.py)
"""
import glob
import json
import os
import re
import subprocess
import sys

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


def look_for_system_packages(loaded):
    phase('look what the wheels need at run time')
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import system_packages
    with open(OUT + '/system.json', 'w', encoding='utf-8') as file:
        json.dump(system_packages.find(glob.glob(OUT + '/wheels/*.whl'), loaded), file)


def main():
    with open('/run/pypackage/resolve.json', encoding='utf-8') as file:
        options = json.load(file)
    packages = lock(options['requirements'])
    if packages:
        install_for_compiling(packages, options['compiling'])
        build(packages)
    os.makedirs(OUT + '/wheels', exist_ok=True)
    look_for_system_packages(options['loaded'])


main()
