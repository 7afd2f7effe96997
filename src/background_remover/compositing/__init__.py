"""Cutouts before something: what lies behind them, shadows, outlines, the frame."""
