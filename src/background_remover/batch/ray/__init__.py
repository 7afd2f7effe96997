"""Batches on a cluster, by Ray."""

import os

from background_remover.errors import Error

for name in ("RAY_USAGE_STATS_ENABLED", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"):  # report nothing; change no variables
    os.environ.setdefault(name, "0")
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what goes wrong is in the records, and in our errors
try:
    import ray.data  # noqa: F401 - after the variables, which Ray reads while it is imported
except ImportError as error:
    raise Error(f"--engine ray needs Ray ({error}): pip install 'background-remover[cluster]'") from error
