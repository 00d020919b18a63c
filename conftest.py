"""README is executed like every page of the docs: see ``tests/docs/blocks.py``."""

from importlib.util import find_spec

if find_spec("sybil"):  # the lean environment in which `make test-hub5` runs two rooms' tests does without
    from sybil import Sybil

    from tests.docs.blocks import begin_page, end_page, parsers

    pytest_collect_file = Sybil(
        parsers=parsers(),
        filenames=["README.md"],
        excludes=["docs/**/*", "node_modules/**/*", ".venv*/**/*"],
        setup=begin_page,
        teardown=end_page,
    ).pytest()
