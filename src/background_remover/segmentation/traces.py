"""The traces that an exporter leaves in a graph: per node, the files and lines of the machine that it ran on."""

from typing import Any


def remove_traces(model: Any) -> None:
    """Remove every node's metadata and text from an `onnx.ModelProto`, in place; no answer depends on them."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
