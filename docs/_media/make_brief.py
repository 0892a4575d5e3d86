"""Makes docs/brief.webp: runs the first brief of README and shows what it made.

python docs/_media/make_brief.py --work EMPTY_FOLDER
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
from pathlib import Path

from sheets import last_images, provenance

README = Path(__file__).parents[2] / "README.md"
OUT = Path(__file__).parents[1] / "brief.webp"
BRIEF = re.compile(r"^```yaml\n(brief: .*?)^```", re.MULTILINE | re.DOTALL)
COLUMNS = 8


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--work", type=Path, required=True)
    work: Path = given.parse_args().work.absolute()
    work.mkdir(exist_ok=True)
    found = BRIEF.search(README.read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit(f"{README} shows no brief")
    brief = work / "brief.yaml"
    brief.write_text(found[1], encoding="utf-8")
    subprocess.run(["genart", "run", str(brief)], env={**os.environ, "GENART_HOME": str(work / "home")}, check=True)
    storage = work / "home/storage"
    last_images(storage, provenance(storage), columns=COLUMNS).save(OUT, "WEBP", quality=85)


if __name__ == "__main__":
    main()
