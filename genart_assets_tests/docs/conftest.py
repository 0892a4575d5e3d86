"""The site's own extension is importable here as it is for Sphinx."""

import sys

from genart_assets_tests.docs.pages import ROOT

sys.path.insert(0, str(ROOT / "docs/_ext"))
