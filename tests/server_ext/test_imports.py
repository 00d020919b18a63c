"""What a notebook imports, read from its cells."""

import pytest

from server_ext.environments.imports import NAMES, Imports, imports_of


@pytest.mark.parametrize(
    ("source", "names"),
    [
        pytest.param("import numpy as np, pandas", ("numpy", "pandas"), id="several at once"),
        pytest.param("import dask.dataframe as dd", ("dask",), id="the top-level name"),
        pytest.param("from mylib.io import (\n  read,\n  write,\n)", ("mylib",), id="over several lines"),
        pytest.param("def f():\n    import scipy", ("scipy",), id="inside a function"),
        pytest.param("from . import here\nfrom .a import b", (), id="relative ones are of a package"),
        pytest.param('"""import nothing"""\n# import nothing', (), id="words are no imports"),
        pytest.param("%matplotlib inline\nimport a\n!pip install b\nx = !ls\nc?", ("a",), id="beside magics"),
        pytest.param("if True:\n    %load_ext b\n    import a", ("a",), id="a magic inside a block"),
        pytest.param("%%time\nimport a", ("a",), id="a cell that is timed is Python"),
        pytest.param("%%bash\nimport a", (), id="a cell of another language is not"),
        pytest.param("%%", (), id="a magic without a name"),
    ],
)
def test_what_a_cell_imports(source: str, names: tuple[str, ...]) -> None:
    """Only import statements count, wherever they stand."""
    assert imports_of([source]) == Imports(names)


def test_a_cell_that_is_no_python_is_counted() -> None:
    """A half-written cell costs only itself."""
    assert imports_of(["import a", "import (", "import b, a", "\0"]) == Imports(("a", "b"), unread=2)


def test_there_is_an_end_to_it() -> None:
    """Of a notebook that imports without end the first names count."""
    assert len(imports_of([f"import m{number}" for number in range(NAMES * 2)]).names) == NAMES
