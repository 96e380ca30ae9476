"""Makes a repository of sources that lost theirs on the way, so that build tools that ask Git get the answers of the person's own clone.

In:  the folder GIT with `pack`, `tags`, `shallow`, `tracked`, `deleted` (project/git-history.ts)
"""
import os
import subprocess


def make(root, path, folder, commit, branch):
    """A repository at `root`, with the commit and the tags of the original; `path` is the project's folder in it."""
    def git(*words, data=None, cwd=root):
        done = subprocess.run(['git', '-c', 'core.hooksPath=/dev/null', '-c', 'gc.auto=0', *words], cwd=cwd, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise RuntimeError(f'git {words[0]}: {done.stderr.decode(errors="replace").strip()}')
        return done.stdout

    def read(name):
        with open(os.path.join(folder, name), 'rb') as file:
            return file.read()

    os.makedirs(root, exist_ok=True)
    git('init', '--quiet', *(['--object-format=sha256'] if len(commit) == 64 else []))
    own = os.path.join(root, '.git')
    if read('shallow'):
        with open(os.path.join(own, 'shallow'), 'wb') as file:
            file.write(read('shallow'))
    git('index-pack', '--stdin', data=read('pack'))
    with open(os.path.join(own, 'packed-refs'), 'wb') as file:
        file.write(b'# pack-refs with: fully-peeled\n' if not read('tags') else read('tags'))
    if branch:
        git('update-ref', f'refs/heads/{branch}', commit)
        git('symbolic-ref', 'HEAD', f'refs/heads/{branch}')
    else:
        git('update-ref', '--no-deref', 'HEAD', commit)
    git('read-tree', 'HEAD')
    within = os.path.join(root, path)
    tracked = set(read('tracked').split(b'\0')) - {b''}
    known = set(git('ls-files', '-z', cwd=within).split(b'\0')) - {b''}
    git('update-index', '--force-remove', '-z', '--stdin', data=lines(known - tracked), cwd=within)
    git('update-index', '--add', '-z', '--stdin', data=lines(name for name in tracked - known if os.path.lexists(os.path.join(os.fsencode(within), name))), cwd=within)
    # What was not sent is there on the person's side: of the rest of the repository, and what is never a source.
    absent = set(git('ls-files', '--deleted', '-z').split(b'\0')) - {b''}
    prefix = os.fsencode(path + '/' if path else '')
    gone = {prefix + name for name in read('deleted').split(b'\0') if name}
    git('update-index', '--skip-worktree', '-z', '--stdin', data=lines(absent - gone))
    # What the folders above say is to be ignored counts for those below.
    above = [os.path.join(*path.split('/')[:depth], '.gitignore') if depth else '.gitignore' for depth in range(len(path.split('/')))] if path else []
    for name in above:
        if os.fsencode(name) in absent:
            with open(os.path.join(root, name), 'wb') as file:
                file.write(git('cat-file', 'blob', f'HEAD:{name}'))
    git('update-index', '-q', '--refresh')


def lines(names):
    return b''.join(name + b'\0' for name in sorted(names))
