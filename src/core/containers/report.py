"""How a job tells what it does: lines on standard output that the pipeline turns into steps, progress and output of a step.

A line that begins with the record separator is ours: JSON behind `\\x1epypackage:`. All others are output as it is.
"""
import json
import sys
import threading
import time

_writing = threading.Lock()


def tell(**message):
    with _writing:
        sys.stdout.write('\x1epypackage:' + json.dumps(message, ensure_ascii=False) + '\n')
        sys.stdout.flush()


class Step:
    """A step with a name, for `with`. Several may run side by side; what they print is told apart by their id."""

    def __init__(self, id, name):
        self.id = id
        self.name = name

    def __enter__(self):
        self.since = time.monotonic()
        tell(step=self.id, name=self.name, state='started')
        return self

    def __exit__(self, kind, error, trace):
        tell(step=self.id, name=self.name, state='failed' if kind else 'done', ms=round((time.monotonic() - self.since) * 1000))

    def log(self, text):
        tell(step=self.id, text=text.rstrip('\r\n'))


class Progress:
    """Bytes of all downloads together, told four times a second at most."""

    def __init__(self, label):
        self.label = label
        self.current = 0
        self.total = 0
        self.told = 0
        self.lock = threading.Lock()

    def expect(self, size):
        with self.lock:
            self.total += size or 0

    def add(self, size):
        with self.lock:
            self.current += size
            now = time.monotonic()
            if now - self.told < 0.25:
                return
            self.told = now
            message = {'progress': self.label, 'current': self.current, 'unit': 'bytes'}
            if self.total >= self.current:
                message['total'] = self.total
        tell(**message)
