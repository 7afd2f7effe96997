"""`__version__`, the one place that holds the version of this package."""

__version__ = "0.1.0"
