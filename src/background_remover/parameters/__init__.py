"""Parsers of option values: lengths, colours, boxes, points, canvases."""
