"""Imports the modules that are its arguments, in the release as it is, and says of each whether that works.

Runs in a process of its own as the application's user. Out, on the descriptor RESULTS of the environment: one JSON list a line, ["begin", module],
["ok", module] or ["failed", module, kind, reason]. kind: `library` (a shared library is missing), `module` (a dependency that the application declares, or
a part of one that is installed), `other`.
"""
import importlib
import importlib.util
import json
import os
import re
import sys

LIBRARY = re.compile(r'cannot open shared object file|failed to find lib|cannot load library|unable to (?:find|load) .*\blibrary\b', re.IGNORECASE)


def normalize(name):
    return re.sub(r'[-_.]+', '-', name).lower()


def causes(error):
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def is_declared(module, application):
    """Whether the application says that it needs what should hold the module, or that is installed and lacks it."""
    from importlib import metadata
    top = module.split('.')[0]
    if importlib.util.find_spec(top) is not None and getattr(metadata, 'packages_distributions', dict)().get(top):
        return normalize(application) not in map(normalize, metadata.packages_distributions()[top])
    try:
        requires = metadata.requires(application) or []
    except metadata.PackageNotFoundError:
        return False
    return normalize(top) in {normalize(re.match(r'[\w.-]+', item).group()) for item in requires if 'extra ==' not in item}


def judge(error, application):
    reason = f'{type(error).__name__}: {" ".join(str(error).split())}'.rstrip(': ')
    for cause in causes(error):
        if isinstance(cause, (ImportError, OSError)) and LIBRARY.search(str(cause)):
            return 'library', ' '.join(str(cause).split())
    if isinstance(error, ModuleNotFoundError) and error.name and is_declared(error.name, application):
        return 'module', f'there is no module {error.name}'
    return 'other', reason


def attempt(module):
    try:
        importlib.import_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return error
    return None


def named_in(error, module):
    """Modules that the message of an ImportError names: some want to be imported after another."""
    if type(error) is not ImportError:
        return []
    words = dict.fromkeys(re.findall(r'[A-Za-z_]\w*', str(error)))
    return [word for word in words if word != module.split('.')[0] and word not in sys.modules and is_installed(word)]


def is_installed(name):
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and 'site-packages' in (spec.origin or '')


def import_one(module, application):
    error = attempt(module)
    others = named_in(error, module) if error else []
    if others:
        for other in others:
            attempt(other)
        for name in [name for name in sys.modules if name == module or name.startswith(module + '.')]:
            del sys.modules[name]
        error = attempt(module)
    return ('ok', module) if error is None else ('failed', module, *judge(error, application))


def main():
    # What lies beside this file is no part of the release.
    del sys.path[0]
    application, *modules = sys.argv[1:]
    with os.fdopen(int(os.environ.pop('RESULTS')), 'w', encoding='utf-8') as results:
        for module in modules:
            for line in (('begin', module), import_one(module, application)):
                results.write(json.dumps(line) + '\n')
                results.flush()
    # Threads that a module has begun are nobody's to wait for.
    os._exit(0)


main()
