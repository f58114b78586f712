"""The two thin doors (command line, web) and the operator actions behind them."""

from __future__ import annotations
