"""The tools as a server of the Model Context Protocol."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from background_remover import models
from background_remover.errors import Error
from background_remover.mcp.roots import Roots
from background_remover.mcp.tools import Tools
from background_remover.remover import Remover
from background_remover.segmentation.device import CPU
from background_remover.version import __version__

_P = ParamSpec("_P")
_T = TypeVar("_T")

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_INSTRUCTIONS = (
    "Removes backgrounds of photos, offline. Paths lie in the folders {folders}; relative ones in the first. Points "
    "and boxes are in pixels or per cent of the upright picture, as in '40%,55%'."
)


def mcp_server(folders: Sequence[Path], *, model: str = models.DEFAULT, device: str = CPU) -> MCPServer:
    """Return a server whose tools read and write in these folders alone; `run` answers on standard streams.

    Raises `OptionError` at a folder that isn't there, at an unknown model and at a device that is missing, and
    `ModelError` at a damaged model.
    """
    roots = Roots(folders)
    tools = Tools(roots, Remover(model, device=device))
    instructions = _INSTRUCTIONS.format(folders=", ".join(map(str, roots.folders)))
    server = MCPServer("background-remover", version=__version__, instructions=instructions)
    server.add_tool(_one_line_errors(tools.remove), annotations=_WRITES)
    server.add_tool(_one_line_errors(tools.mask), annotations=_WRITES)
    server.add_tool(_one_line_errors(tools.subjects), annotations=_READS)
    server.add_tool(_one_line_errors(tools.evaluate), annotations=_READS)
    return server


def _one_line_errors(tool: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a tool's errors reach the assistant as the line that says what was given, what was wanted and what to do."""

    @functools.wraps(tool)
    def call(*args: _P.args, **values: _P.kwargs) -> _T:
        try:
            return tool(*args, **values)
        except Error as error:
            raise ToolError(str(error)) from error

    return call
