"""Sphinx: Markdown pages, the theme of the Jupyter projects, and nothing that is fetched from elsewhere."""

from hub_ext import __version__

project = "Gatehouse"
author = "Gatehouse contributors"
copyright = author
release = __version__

extensions = ["myst_parser", "sphinx_design"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_title = "Gatehouse"
html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_copy_source = False
html_show_sourcelink = False
