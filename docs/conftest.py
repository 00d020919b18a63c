"""The pages are executed: see ``tests/docs/blocks.py``."""

from sybil import Sybil

from tests.docs.blocks import begin_page, end_page, parsers

pytest_collect_file = Sybil(
    parsers=parsers(), pattern="*.md", excludes=["_build/**/*"], setup=begin_page, teardown=end_page
).pytest()
