"""Settings that make a command start faster: its imports take a third of the time of one photo."""

import gc
import os


def limit_blas() -> None:
    """Let NumPy's products of matrices be made in the thread that asks; to be called before NumPy is imported.

    Those of this package are small. OpenBLAS's own threads wait actively for the next one, after their start for some
    20 milliseconds, on a core that something else needs. A value that is set already is kept.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def hold_garbage_collection() -> None:
    """Leave the garbage collector off until `resume_garbage_collection`: it would examine each module again and again.

    What is imported stays, so there is none to be found; looking for it takes a tenth of the time of the imports.
    """
    gc.disable()


def resume_garbage_collection() -> None:
    """Switch the garbage collector on again where it is off, for all but the objects that there are by now."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
