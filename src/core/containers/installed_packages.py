"""Prints what is installed, as JSON: name, version, and bytes of the files that are there. Runs in an image that somebody looks at."""
import importlib.metadata
import json
import os


def size_of(distribution):
    total = 0
    for file in distribution.files or ():
        try:
            total += os.lstat(distribution.locate_file(file)).st_size
        except OSError:
            # What the image left out, as bytecode that was never compiled.
            pass
    return total


found = {}
for distribution in importlib.metadata.distributions():
    name = distribution.metadata['Name']
    # The first on the path is the one that is imported.
    if name and name not in found:
        found[name] = {'name': name, 'version': distribution.version, 'size': size_of(distribution)}
print(json.dumps(list(found.values())))
