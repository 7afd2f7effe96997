"""A limit of time on the scripts that tests run within a page: Playwright itself waits for their promises for ever."""

from collections.abc import Callable
from typing import Any

Evaluate = Callable[..., Any]
"""`evaluate` of a class of Playwright's: from an object, a script and what the script is given to what it returns."""

_LIMITED = """(given) => {
    const script = (%s
    );
    const found = typeof script === "function" ? script(given) : script;
    if (!(found instanceof Promise)) return found;
    let timer = 0;
    const end = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error("this script's promise is pending after %g seconds")), %d);
    });
    return Promise.race([found, end]).finally(() => clearTimeout(timer));
}"""


def limited(evaluate: Evaluate, milliseconds: float) -> Evaluate:
    """Return an `evaluate` that raises Playwright's error where a script's promise is pending for so long."""

    def evaluate_in_time(where: object, script: str, given: object = None) -> Any:
        return evaluate(where, _LIMITED % (script, milliseconds / 1000, milliseconds), given)

    return evaluate_in_time
