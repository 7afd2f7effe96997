"""The command `background-remover`, and `python -m background_remover`, which is the same."""

import sys

from background_remover.runtime import startup


def main() -> int:
    """Run the command, and return the exit status; no garbage is collected during its imports."""
    startup.hold_garbage_collection()
    from background_remover.cli import program

    return program.main()


if __name__ == "__main__":
    sys.exit(main())
