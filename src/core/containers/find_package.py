"""Which Debian package has a file, from the Contents indices of the distribution (https://wiki.debian.org/DebianRepository/Format).

Runs with any Python from 3.9 on, as root, in a container of the builder image; /var/lib/apt/lists may be a volume, so that the indices stay.
In:  the arguments: header|module|program|library|shared NAME
Out: the package's name as the only line on standard output; none where no package has it
"""
import gzip
import os
import re
import subprocess
import sys
import time

LISTS = '/var/lib/apt/lists'
# Patterns for the whole path. A header that is included as `libxml/tree.h` may lie in a folder of its own.
PATTERNS = {
    'header': r'usr/include/(?:.*/)?{name}',
    'module': r'usr/(?:lib|share)/(?:.*/)?(?:pkgconfig/{name}\.pc|cmake/.*/?{name}-?[Cc]onfig\.cmake)',
    'program': r'usr/s?bin/{name}',
    'library': r'usr/lib/(?:.*/)?lib{name}\.(?:so|a)',
    'shared': r'(?:usr/)?lib/(?:.*/)?{name}',
}
DAYS = 7


def indices():
    """Paths of the indices, of this architecture and of all. They only name a package, which apt then looks at: no signature is asked for."""
    folder = f'{LISTS}/pypackage-contents'
    os.makedirs(folder, exist_ok=True)
    listed = subprocess.run(['apt-get', 'indextargets', '--no-release-info', '--format', '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ARCHITECTURE)', 'Created-By: Packages'], stdout=subprocess.PIPE, encoding='utf-8')
    found = []
    for line in sorted(set(listed.stdout.split())):
        site, release, component, architecture = line.split('|')
        for kind in dict.fromkeys((architecture, 'all')):
            path = os.path.join(folder, re.sub(r'[^\w.-]', '_', f'{release}_{component}_Contents-{kind}.gz'))
            if not (os.path.exists(path) and os.path.getmtime(path) > time.time() - DAYS * 86400):
                url = f'{site.rstrip("/")}/dists/{release}/{component}/Contents-{kind}.gz'
                done = subprocess.run(['/usr/lib/apt/apt-helper', '-o', 'Acquire::Retries=1', '-o', 'APT::Sandbox::User=root', 'download-file', url, f'{path}.new'], stdout=sys.stderr)
                if done.returncode == 0:
                    os.replace(f'{path}.new', path)
                    os.utime(path)
            if os.path.exists(path):
                found.append(path)
    return found


def owners(path, pattern):
    """(file, package) of each line whose file matches: `usr/include/a.h  section/one,section/two`."""
    with gzip.open(path, 'rt', encoding='utf-8', errors='replace') as content:
        for line in content:
            match = pattern.match(line)
            if match:
                for owner in line.rstrip().rsplit(None, 1)[1].split(','):
                    yield match.group(1), owner.rsplit('/', 1)[-1]


def main():
    kind, name = sys.argv[1:]
    pattern = re.compile(f'({PATTERNS[kind].format(name=re.escape(name))})\\s')
    found = {pair for path in indices() for pair in owners(path, pattern)}
    if found:
        # What builds are meant to use is near the root and in a -dev package; the rest are copies for cross compilers and the like.
        wants_dev = kind in ('header', 'module', 'library')
        print(min(found, key=lambda pair: ((not pair[1].endswith('-dev')) if wants_dev else False, '-cross' in pair[1], pair[0].count('/'), len(pair[1]), pair))[1])


main()
