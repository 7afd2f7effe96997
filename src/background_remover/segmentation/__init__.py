"""The network: model files and their contract, coarse alphas, confidence, prompts by clicks and boxes."""
