"""How a tutorial is read by the test that follows it."""

from pathlib import Path

import pytest

from tests.support.steps import Step, steps_of

PAGE = """# A page

With `code` and *emphasis* before its first step.

## 1. Press it

Press *Start
now* ([*why*](why.md)), **at once**, and read `2 workers` and `*`.

```py
print("*no label*")
```

## And then

*Nothing* to follow.
"""


@pytest.fixture
def step(tmp_path: Path) -> Step:
    """The only step of the page."""
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    (found,) = steps_of(page)
    return found


def test_a_step_is_its_labels_words_and_blocks(step: Step) -> None:
    """Across the page's line breaks, and neither from links nor from other sections."""
    assert (step.heading, step.labels, step.words) == ("1. Press it", ["Start now"], ["2 workers", "*"])
    assert step.blocks == ['print("*no label*")']


def test_what_nobody_took_is_left(step: Step) -> None:
    """Each of them, until it is taken."""
    assert step.left == ["Start now", "2 workers", "*", 'print("*no label*")']
    assert (step.label("Start now"), step.word("2 workers"), step.word("*")) == ("Start now", "2 workers", "*")
    assert step.left == ['print("*no label*")']
    step.block()
    assert step.left == []


def test_what_the_page_does_not_say_cannot_be_taken(step: Step) -> None:
    """A function that looks for more than its step promises is out of date."""
    with pytest.raises(AssertionError, match=r"names no \*Stop\*"):
        step.label("Stop")
    with pytest.raises(AssertionError, match="says no `3 workers`"):
        step.word("3 workers")
