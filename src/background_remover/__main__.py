"""`python -m background_remover` is the command `background-remover`."""

import sys

from background_remover.cli.program import main

sys.exit(main())
