"""`lock`: an exclusive lock on an open file, released when the file is closed or its process ends."""

import sys


def lock(file: int) -> bool:
    """Lock an open file, by its descriptor; return whether no other open file has it locked.

    Always True where there are no locks, as on Windows and on some file systems.
    """
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
