"""Prepares one wheel for each dependency: resolves what no lock names, downloads side by side, builds what has no wheel.

Runs with the Python of the builder's pip environment, as root, in a container of the builder image.
In:  /run/pypackage/dependencies.json, see `DependencyJob` in pipeline/stages/dependencies.ts
Out: /out/wheels/*.whl, /out/packages.json (what was locked or resolved), /out/origins.json (where each wheel is from), /out/builds.json
     (build requirements of what was built), /out/system.json (packages of Debian's that the wheels need at run time)
"""
import glob
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pip_tools
import system_packages
from locked_packages import OUT, SCRATCH, from_resolution
from report import Step, tell
from workshop import Workshop, version_environment


def use_logins_for_git():
    """git's HTTP reads ~/.netrc and no variable; the file with the logins is in memory and stays there."""
    logins = os.environ.get('NETRC')
    if logins and not os.path.lexists('/root/.netrc'):
        os.symlink(logins, '/root/.netrc')


def resolve(options, workshop):
    requirements = options['requirements']
    os.makedirs(SCRATCH, exist_ok=True)
    if options['folders']:
        shutil.copytree('/folders', SCRATCH + '/folders', symlinks=True)
    count = len(requirements)
    with Step('resolve', f'resolve {count} requirement{"" if count == 1 else "s"}') as step:
        def tell_file(line):
            words = line.split()
            if len(words) >= 2 and words[0] in ('Downloading', 'Building', 'Preparing', 'Collecting'):
                tell(progress=f'resolve {count}: {words[0].lower()} {words[1]}', current=0, unit='bytes')
        # Metadata of an sdist may need what compiling needs: one that failed gets it, and is tried once more.
        for attempt in range(8):
            try:
                return [from_resolution(package) for package in pip_tools.lock([*options['options'], *requirements], options['constraints'], SCRATCH + '/pylock.toml', step, tell_file)]
            except pip_tools.Failed as failure:
                if attempt == 7 or not workshop.install_what_was_missing(failure.lines, step):
                    raise


def main():
    with open('/run/pypackage/dependencies.json', encoding='utf-8') as file:
        options = json.load(file)
    os.umask(0o022)
    use_logins_for_git()
    os.makedirs(OUT + '/wheels', exist_ok=True)
    # Of pip, too, which builds metadata of folders while it resolves.
    os.environ.update(version_environment(options['versions']))
    workshop = Workshop(options)
    try:
        packages = options['packages'] if options['packages'] is not None else resolve(options, workshop)
        made = workshop.obtain_all(packages, OUT + '/wheels')
        builds = workshop.builds()
        if options['lockBuildOf']:
            builds.append(workshop.lock_build(options['lockBuildOf']))
    except pip_tools.Failed as failure:
        sys.exit(failure.code)
    except (OSError, LookupError, ValueError, RuntimeError) as error:
        print(f'ERROR: {error}', file=sys.stderr, flush=True)
        sys.exit(1)
    with open(OUT + '/packages.json', 'w', encoding='utf-8') as file:
        json.dump(packages, file)
    with open(OUT + '/origins.json', 'w', encoding='utf-8') as file:
        json.dump(made, file)
    with open(OUT + '/builds.json', 'w', encoding='utf-8') as file:
        json.dump(sorted(builds, key=lambda build: build['name']), file)
    with Step('system', 'look what the wheels need at run time'):
        system_packages.write(OUT, glob.glob(OUT + '/wheels/*.whl'), options['loaded'])
    workshop.forget_unused()


main()
