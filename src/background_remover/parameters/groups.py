"""`Group`: a heading under which options stand in a command's help, and what makes a dataclass's field of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

Value = TypeVar("Value", bool, int, float, str)


@dataclass(frozen=True)
class Group:
    """A heading; called, it returns a field of options that stands under it."""

    title: str

    def __call__(
        self, default: Value, text: str, read: Callable[[str, object], Value] | None = None, *, each: str = ""
    ) -> Value:
        """Return a field with its default and its flag's help; `read` converts what is given, see `coerce_fields`.

        `each` is the name of the flag where it may be repeated; the field is then a text of parts separated by spaces.
        """
        return field(default=default, metadata={"help": text, "read": read, "each": each, "group": self})


CLIENTS = Group("Address and clients")
LIMITS = Group("Limits")
CHOICE = Group("Choosing the subject")
EDGES = Group("Edges")
BEHIND = Group("Background")
SHADOW = Group("Shadow and outline")
PLACE = Group("Size and placement")
FILES = Group("Files")
VIDEOS = Group("Videos")
REVIEW = Group("Report and review")
RUNNING = Group("Running")
CLUSTER = Group("Cluster")

GROUPS = (CLIENTS, LIMITS, CHOICE, EDGES, BEHIND, SHADOW, PLACE, FILES, VIDEOS, REVIEW, RUNNING, CLUSTER)
"""All groups, in the order in which a command's help has them."""
