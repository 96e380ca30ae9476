from __future__ import annotations

import argparse
from collections.abc import Sequence

from greet.greeting import greeting


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="greet", description="Greets people by name.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--shout", action="store_true", help="in capital letters")
    options = parser.parse_args(arguments)
    text = greeting(options.names)
    print(text.upper() if options.shout else text)
    return 0
