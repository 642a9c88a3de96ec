"""The guideline of the reference city: one Markdown file an article, and the tables that the policy reads.

It is data. The core reads the copy in a deployment's ``guideline/`` folder through ``governance.load_guideline``; this
package says where the original is, so that a deployment can be built from it. ``docs/guideline-format.md`` says how
articles, controls and tables are written.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

FOLDER = Path(str(resources.files(__name__)))
"""The folder that holds ``articles/`` and ``tables/``."""

__all__ = ["FOLDER"]
