"""A model that turns in circles is stopped; one that goes on is not."""

from rag_gateway.rag.repetition import turns_in_circles

CIRCLE = "The part that is not in the list is the one that "


def test_saying_it_again_and_again_is_a_circle() -> None:
    assert not turns_in_circles(f"Parts. {CIRCLE * 3}")
    assert turns_in_circles(f"Parts. {CIRCLE * 9}")
    assert turns_in_circles("Parts. " + "It is written in Rust. [1] " * 4)
    assert turns_in_circles("name: Alma; " + "end_year: 2014; " * 4)
    assert not turns_in_circles("| a | b |\n" + "| yes | certainly not |\n" * 9 + "| yes")
    assert not turns_in_circles("```yaml\n" + "  - enabled: true\n" * 9)


def test_an_answer_that_goes_on_is_none() -> None:
    listed = "".join(
        f"- The part number {n} of the stack that we have built has the port {8000 + n}.\n" for n in range(40)
    )
    assert not any(turns_in_circles(listed[:end]) for end in range(len(listed)))
