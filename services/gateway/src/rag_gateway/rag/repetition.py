"""When a small model has begun to say the same again and again."""

STRETCH = 100
"""Characters at the end of an answer that are looked for in it."""
TIMES = 3
"""So often said, a stretch that long is no list of alike items: those differ in what they list."""


def turns_in_circles(answer: str) -> bool:
    """Whether the end of an answer has been said before, word for word, at least twice."""
    end = answer[-STRETCH:]
    return len(answer) >= TIMES * STRETCH and answer.count(end) >= TIMES
