"""How Sphinx builds this site: ``python -m sphinx -W --keep-going -n -b html docs OUT``."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "genart-assets"
author = "the genart-assets authors"
version = release = installed("genart-assets")
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "genart_docs"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_ext", "_media"]

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_use_type_comments = False
python_use_unqualified_type_names = True
# Types of other libraries, of internal modules, and type variables have no page here.
nitpick_ignore_regex = [
    ("py:.*", r"(?!genart_assets).*"),
    ("py:.*", r"genart_assets\.(?!.*protocol|extend).*"),
    ("py:.*", r".*\.Function"),
]

html_theme = "furo"
html_title = "genart-assets"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
