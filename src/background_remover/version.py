"""The version of this package, which all that names it takes from here: `__version__`."""

__version__ = "0.1.0"
