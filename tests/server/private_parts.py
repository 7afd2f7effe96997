"""Which attributes a class takes from the class of another library that it extends."""

import ast
import inspect
from types import ModuleType


def used_of_self(module: ModuleType, name: str) -> set[str]:
    """Return the attributes of `self` and of `super()` that a class reads and doesn't define itself."""
    tree = ast.parse(inspect.getsource(module))
    body = next(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == name)
    own = {node.name for node in body.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    read, inherited = set(), set()
    for node in ast.walk(body):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            (read if isinstance(node.ctx, ast.Load) else own).add(node.attr)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Name) and called.id == "super":
                inherited.add(node.attr)
    fields = [part for part in body.body if isinstance(part, ast.Assign | ast.AnnAssign)]
    own |= {node.id for part in fields for node in ast.walk(part) if isinstance(node, ast.Name)}
    return (read - own) | inherited
