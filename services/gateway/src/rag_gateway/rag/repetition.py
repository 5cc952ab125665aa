"""When a small model has begun to say the same again and again."""

STRETCH, TIMES = 100, 3
"""Characters at the end of an answer that are looked for in it, and how often: so often said, a stretch that long is no
list of alike items, since those differ in what they list."""
PERIODS, IN_A_ROW = range(16, STRETCH), 4
"""Characters of what is said over and over, right behind itself, and how often."""
LETTERS = 0.4
"""Share of such a period that must be letters. In code and tables the same line may well follow itself."""


def turns_in_circles(answer: str) -> bool:
    """Whether an answer's end has been said before, word for word, twice or more, or stands there four times on end."""
    end = answer[-STRETCH:]
    if len(answer) >= TIMES * STRETCH and answer.count(end) >= TIMES:
        return True
    listed = answer.count("```") % 2 or answer.rpartition("\n")[2].startswith("|")
    return not listed and any(_in_a_row(answer, period) for period in PERIODS)


def _in_a_row(answer: str, period: int) -> bool:
    said = answer[-period:]
    if len(answer) < IN_A_ROW * period or not answer.endswith(said * IN_A_ROW):
        return False
    return sum(map(str.isalpha, said)) >= LETTERS * period
