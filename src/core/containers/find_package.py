"""Which Debian package has a file, from the Contents indices of the distribution (https://wiki.debian.org/DebianRepository/Format).

Runs with any Python from 3.9 on, as root, in a container of the builder image; /var/lib/apt/lists may be a volume, so that the indices stay.
In:  the arguments: header|module|program|library|shared NAME
Out: the package's name as the only line on standard output; none where no package has it
"""
import glob
import os
import re
import subprocess
import sys
import time

LISTS = '/var/lib/apt/lists'
# What apt-file configures: Contents of this architecture and of all.
TARGETS = '''
Acquire::IndexTargets::deb::Contents-deb { MetaKey "$(COMPONENT)/Contents-$(ARCHITECTURE)"; ShortDescription "Contents-$(ARCHITECTURE)";
  Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Contents (deb)"; flatMetaKey "Contents-$(ARCHITECTURE)"; PDiffs "false"; KeepCompressed "true"; };
Acquire::IndexTargets::deb::Contents-all { MetaKey "$(COMPONENT)/Contents-all"; ShortDescription "Contents-all";
  Description "$(RELEASE)/$(COMPONENT) all Contents (deb)"; flatMetaKey "Contents-all"; PDiffs "false"; KeepCompressed "true"; };
'''
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
    found = glob.glob(f'{LISTS}/*Contents-*')
    if found and min(map(os.path.getmtime, found)) > time.time() - DAYS * 86400:
        return found
    with open('/etc/apt/apt.conf.d/51pypackage-contents', 'w', encoding='utf-8') as file:
        file.write(TARGETS)
    subprocess.run(['apt-get', '-qq', 'update'], stdout=sys.stderr, check=True)
    return glob.glob(f'{LISTS}/*Contents-*')


def owners(path, pattern):
    """(file, package) of each line whose file matches: `usr/include/a.h  section/one,section/two`."""
    process = subprocess.Popen(['/usr/lib/apt/apt-helper', 'cat-file', path], stdout=subprocess.PIPE, encoding='utf-8', errors='replace')
    for line in process.stdout:
        match = pattern.match(line)
        if match:
            for owner in line.rstrip().rsplit(None, 1)[1].split(','):
                yield match.group(1), owner.rsplit('/', 1)[-1]
    process.wait()


def main():
    kind, name = sys.argv[1:]
    pattern = re.compile(f'({PATTERNS[kind].format(name=re.escape(name))})\\s')
    found = {pair for path in indices() for pair in owners(path, pattern)}
    if found:
        # What builds are meant to use is near the root and in a -dev package; the rest are copies for cross compilers and the like.
        wants_dev = kind in ('header', 'module', 'library')
        print(min(found, key=lambda pair: ((not pair[1].endswith('-dev')) if wants_dev else False, '-cross' in pair[1], pair[0].count('/'), len(pair[1]), pair))[1])


main()
