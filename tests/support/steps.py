"""A tutorial that is followed by a test: its numbered steps, and what each of them names.

``*emphasis*`` is a label that must be on the screen, `code` is what is typed or read there, a block is a cell to run or
text to find. A step's function takes each of them from the page, and uses it to find something; what nobody took is a
promise that nobody checked.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_STEP = re.compile(r"^## (\d+\. [^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\([^()\s]+\)")
_WORD = re.compile(r"`([^`]+)`")
_LABEL = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")


@dataclass
class Step:
    """One numbered section of a page."""

    heading: str
    labels: list[str]
    words: list[str]
    blocks: list[str]
    taken: set[str] = field(default_factory=set)

    def label(self, text: str) -> str:
        """Take a label from the page and return it.

        Raises:
            AssertionError: the step does not name it.
        """
        assert text in self.labels, f"step {self.heading!r} names no *{text}*: {self.labels}"
        self.taken.add(text)
        return text

    def word(self, text: str) -> str:
        """Take what is typed or read, and return it.

        Raises:
            AssertionError: the step does not say it.
        """
        assert text in self.words, f"step {self.heading!r} says no `{text}`: {self.words}"
        self.taken.add(text)
        return text

    def block(self) -> str:
        """Take the next block and return it.

        Raises:
            IndexError: there is none left.
        """
        return self.blocks.pop(0)

    @property
    def left(self) -> list[str]:
        """What nobody took."""
        return [text for text in (*self.labels, *self.words) if text not in self.taken] + self.blocks

    @classmethod
    def read(cls, heading: str, text: str) -> Self:
        """Read a section; of a line break within a label or word a space is left."""
        blocks = [body.rstrip("\n") for _, body in _BLOCK.findall(text)]
        prose = " ".join(_LINK.sub("", _BLOCK.sub("", text)).split())
        return cls(heading, _LABEL.findall(_WORD.sub("", prose)), _WORD.findall(prose), blocks)


def steps_of(page: Path) -> list[Step]:
    """Return the numbered sections of a page, in its order."""
    return [Step.read(heading, text) for heading, text in _STEP.findall(page.read_text(encoding="utf-8"))]
