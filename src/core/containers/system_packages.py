"""Which Debian packages wheels need at run time, each with its reason: wheel, library, package.

Runs beside the other scripts in a container of the builder image, with any Python from 3.9 on. What a wheel links to is read from its
ELF files (System V ABI, chapters 4 and 5); what it loads by name is in a table. Nothing of a wheel is executed.
"""
import collections
import functools
import glob
import json
import os
import posixpath
import re
import shutil
import struct
import subprocess
import sys
import zipfile

# What a manylinux wheel may take from the system (PEP 600, auditwheel's policies), beyond the C library's own. Only what no image with apt
# has is in it; patterns, because the same library has another name in another release of Debian (2.0-0 and 2.0-0t64).
POLICY = {
    'libGL.so.1': 'libgl1', 'libglib-2.0.so.0': 'libglib2.0-0(t64)?', 'libgobject-2.0.so.0': 'libglib2.0-0(t64)?',
    'libgthread-2.0.so.0': 'libglib2.0-0(t64)?', 'libX11.so.6': 'libx11-6', 'libXext.so.6': 'libxext6', 'libXrender.so.1': 'libxrender1',
    'libICE.so.6': 'libice6', 'libSM.so.6': 'libsm6', 'libexpat.so.1': 'libexpat1',
}
# Bytes.
LARGE = 32 * 1024 * 1024
PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB, DT_SONAME, DT_RPATH, DT_RUNPATH = 1, 5, 14, 15, 29
Binary = collections.namedtuple('Binary', 'machine needed soname paths')


def read_elf(data):
    """What the dynamic section says; None for what is no linked ELF file. `data` is sliced only: bytes or an mmap serve."""
    if len(data) < 64 or data[:4] != b'\x7fELF' or data[4] not in (1, 2) or data[5] not in (1, 2):
        return None
    wide, order = data[4] == 2, '<' if data[5] == 1 else '>'
    try:
        machine, = struct.unpack_from(order + 'H', data, 18)
        start, = struct.unpack_from(order + ('Q' if wide else 'I'), data, 32 if wide else 28)
        size, count = struct.unpack_from(order + 'HH', data, 54 if wide else 42)
        # type, offset, address, length in the file
        picked, layout = ((0, 2, 3, 5), 'IIQQQQQQ') if wide else ((0, 1, 2, 4), 'IIIIIIII')
        headers = []
        for i in range(count):
            fields = struct.unpack_from(order + layout, data, start + i * size)
            headers.append([fields[k] for k in picked])
        dynamic = next((h for h in headers if h[0] == PT_DYNAMIC), None)
        if dynamic is None:
            return None
        pair, step = (order + 'qQ', 16) if wide else (order + 'iI', 8)
        entries = [struct.unpack_from(pair, data, dynamic[1] + at) for at in range(0, dynamic[3] - step + 1, step)]
        table = next(value for tag, value in entries if tag == DT_STRTAB)
        base = next(h[1] + table - h[2] for h in headers if h[0] == PT_LOAD and h[2] <= table < h[2] + h[3])
    except (struct.error, StopIteration):
        return None

    def text(offset):
        end = data.find(b'\0', base + offset)
        return bytes(data[base + offset:end]).decode('utf-8', 'replace')

    paths = [path for tag, value in entries if tag in (DT_RPATH, DT_RUNPATH) for path in text(value).split(':') if path]
    return Binary(
        (data[4], data[5], machine), [text(value) for tag, value in entries if tag == DT_NEEDED],
        next((text(value) for tag, value in entries if tag == DT_SONAME), None), paths,
    )


@functools.lru_cache(maxsize=None)
def machine():
    """Of this Python: files for another one are data to it."""
    with open(os.path.realpath(sys.executable), 'rb') as file:
        head = file.read(64)
    return head[4], head[5], struct.unpack_from('<H' if head[5] == 1 else '>H', head, 18)[0]


def normalize(name):
    return re.sub(r'[-_.]+', '-', name).lower()


class Wheel:
    def __init__(self, path):
        self.file = os.path.basename(path)
        self.name, self.version = self.file.split('-')[:2]
        self.is_portable = re.search(r'manylinux|musllinux', self.file) is not None
        self.binaries = {}
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.file_size < 64:
                    continue
                with archive.open(member) as file:
                    if file.read(4) != b'\x7fELF':
                        continue
                # What a portable wheel needs is in its policy; its largest parts take seconds to unpack.
                binary = Binary(machine(), [], None, []) if self.is_portable and member.file_size > LARGE else read_elf(archive.read(member))
                if binary is not None and binary.machine == machine():
                    self.binaries[self.installed(member.filename)] = binary
        self.own = {name for at, binary in self.binaries.items() for name in (posixpath.basename(at), binary.soname) if name}

    @staticmethod
    def installed(member):
        """Where it lands, relative to site-packages (the binary distribution format: `.data/purelib` and so on)."""
        parts = member.split('/')
        if len(parts) > 2 and parts[0].endswith('.data'):
            return '/'.join(parts[2:]) if parts[1] in ('purelib', 'platlib') else '/'.join(('..', '..', '..', *parts[1:]))
        return member

    def holds_text(self, path, text):
        with zipfile.ZipFile(path) as archive:
            return any(text.encode() in archive.read(member) for member in archive.namelist() if member.endswith('.py'))


def find(paths, loaded=None, texts=None):
    """Packages for the wheels at `paths`, sorted: [{"package", "because", "wheel", "library"}], each package once.

    `loaded`: patterns of packages by normalised name of a distribution, for what is loaded by name. `texts`: the same by a text
    that stands in a wheel's Python files.
    """
    wheels = [(path, Wheel(path)) for path in sorted(paths)]
    everything = {at for _, wheel in wheels for at in wheel.binaries}
    found = {}
    for path, wheel in wheels:
        for library, package in linked(wheel, everything):
            add(found, wheel, library, package)
        # A portable wheel with libraries brings those that it loads, too.
        patterns = [] if wheel.is_portable and wheel.binaries else list((loaded or {}).get(normalize(wheel.name), []))
        patterns += [pattern for text, some in (texts or {}).items() if wheel.holds_text(path, text) for pattern in some]
        for pattern in patterns:
            add(found, wheel, None, named(pattern, wheel))
    return [found[package] for package in sorted(found)]


def add(found, wheel, library, package):
    if package is None or package in everywhere():
        return
    verb = f'uses {library}' if library else 'loads it by name'
    found.setdefault(package, {
        'package': package, 'because': f'{wheel.name} {wheel.version} {verb}', 'wheel': wheel.file, 'library': library or '',
    })


def linked(wheel, everything):
    """(library, package) for each library that the wheel's files need and no wheel brings to where it is looked for."""
    seen = set()
    for at, binary in sorted(wheel.binaries.items()):
        places = search_path(at, binary)
        for library in binary.needed:
            if library in wheel.own or (library, *places) in seen:
                continue
            seen.add((library, *places))
            if any(posixpath.normpath(f'{place}/{library}') in everything for place in places):
                continue
            if wheel.is_portable:
                if library in POLICY:
                    yield library, named(POLICY[library], wheel)
                continue
            path = library_path(library, places)
            if path:
                yield library, owner(path)


def search_path(at, binary):
    """The folders of RPATH and RUNPATH: relative to site-packages where they begin with $ORIGIN (ld.so(8)), else absolute."""
    return [
        posixpath.normpath(path.replace('${ORIGIN}', '$ORIGIN').replace('$ORIGIN', posixpath.dirname(at) or '.'))
        for path in binary.paths if path.startswith(('/', '$ORIGIN', '${ORIGIN}'))
    ]


def library_path(library, places=()):
    if library.startswith('/'):
        return library if os.path.exists(library) else None
    for place in places:
        if place.startswith('/') and os.path.exists(f'{place}/{library}'):
            return f'{place}/{library}'
    return next((path for path in known_libraries().get(library, ()) if is_ours(path)), None)


@functools.lru_cache(maxsize=None)
def known_libraries():
    """Paths by name, as the dynamic linker's cache has them: one library may be there for several machines."""
    listing = subprocess.run([shutil.which('ldconfig') or '/sbin/ldconfig', '-p'], stdout=subprocess.PIPE, encoding='utf-8').stdout
    known = collections.defaultdict(list)
    for name, path in re.findall(r'^\s+(\S+) \(.*\) => (\S+)$', listing, re.MULTILINE):
        known[name].append(path)
    return known


@functools.lru_cache(maxsize=None)
def is_ours(path):
    try:
        with open(path, 'rb') as file:
            head = file.read(20)
        return head[:4] == b'\x7fELF' and (head[4], head[5], struct.unpack_from('<H' if head[5] == 1 else '>H', head, 18)[0]) == machine()
    except (OSError, struct.error):
        return False


@functools.lru_cache(maxsize=None)
def owner(path):
    """The package that has the file (dpkg -S), without its architecture."""
    # On a merged /usr the package may have registered /lib/... while the linker says /usr/lib/..., or the other way round; a library that is
    # chosen by update-alternatives belongs to whom the link ends at.
    real = os.path.realpath(path)
    for candidate in dict.fromkeys((path, other_root(path), real, other_root(real))):
        done = subprocess.run(
            ['dpkg-query', '--search', candidate], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding='utf-8', env={**os.environ, 'LC_ALL': 'C'},
        )
        package = owner_from(done.stdout) if done.returncode == 0 else None
        if package:
            return package
    return None


def owner_from(text):
    """`libpq5:amd64, other: /path`; a file that another package has put aside: `diversion by NAME from: /path`."""
    by = re.search(r'^diversion by (\S+) from: ', text, re.MULTILINE)
    if by:
        return by.group(1)
    for line in text.splitlines():
        if not line.startswith('diversion by '):
            names = [name.split(':')[0] for name in line.split(': ')[0].split(', ')]
            return next((name for name in names if not name.endswith('-dev')), names[0])
    return None


def other_root(path):
    return path[4:] if path.startswith('/usr/lib') else f'/usr{path}'


@functools.lru_cache(maxsize=None)
def everywhere():
    """Packages that each image with apt has: the essential ones, apt, and what they depend on."""
    done = subprocess.run(
        ['dpkg-query', '--show', '--showformat', '${Package}\t${Essential}\t${Provides}\t${Pre-Depends}, ${Depends}\n'],
        stdout=subprocess.PIPE, encoding='utf-8', check=True,
    )
    depends, providers, ahead = {}, {}, ['apt', 'libc6']
    for line in done.stdout.splitlines():
        name, essential, provides, needs = line.split('\t')
        ahead += [name] if essential == 'yes' else []
        depends[name] = {re.split(r'[\s:(|]', item.strip())[0] for item in needs.split(',') if item.strip(' ,')}
        for provided in provides.split(','):
            providers.setdefault(provided.split('(')[0].strip(), name)
    found = set()
    while ahead:
        name = ahead.pop()
        name = name if name in depends else providers.get(name, name)
        if name not in found:
            found.add(name)
            ahead.extend(depends.get(name, ()))
    return frozenset(found)


def named(pattern, wheel):
    """The package of this distribution whose whole name matches the pattern; None where it has none."""
    names = [name for name in installed_packages() if re.fullmatch(pattern, name)] or [name for name in all_packages() if re.fullmatch(pattern, name)]
    if not names:
        print(f'note: {wheel.name} loads a library of {pattern}, and this distribution has no such package', flush=True)
        return None
    return max(names, key=lambda name: [int(part) if part.isdigit() else 0 for part in re.split(r'(\d+)', name)])


@functools.lru_cache(maxsize=None)
def installed_packages():
    done = subprocess.run(['dpkg-query', '--show', '--showformat', '${Package}\n'], stdout=subprocess.PIPE, encoding='utf-8', check=True)
    return done.stdout.split()


@functools.lru_cache(maxsize=None)
def all_packages():
    if not glob.glob('/var/lib/apt/lists/*Packages*'):
        subprocess.run(['apt-get', '-qq', 'update'], check=True)
    return subprocess.run(['apt-cache', 'pkgnames'], stdout=subprocess.PIPE, encoding='utf-8', check=True).stdout.split()


def write(folder, paths, loaded=None, texts=None):
    """`find`, as the pipeline reads it: system.json in the folder."""
    with open(os.path.join(folder, 'system.json'), 'w', encoding='utf-8') as file:
        json.dump(find(paths, loaded, texts), file)
