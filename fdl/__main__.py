"""``python -m fdl`` is the ``fdl`` command."""

import sys

from fdl.cli import main

sys.exit(main())
