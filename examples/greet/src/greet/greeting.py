from __future__ import annotations

from collections.abc import Sequence

import inflect


def greeting(names: Sequence[str]) -> str:
    """One sentence for any number of people."""
    if not names:
        return "Hello, world."
    words = inflect.engine()
    count = len(names)
    people = words.plural_noun("person", count)
    return f"Hello, {words.join(list(names))}: you are {words.number_to_words(count)} {people}."
