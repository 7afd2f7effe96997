"""Model files in the formats of other runtimes: OpenVINO, TFLite, Core ML, and ONNX of 8-bit integers."""
