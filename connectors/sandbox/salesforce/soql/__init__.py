"""SOQL on an `Org`: text to tree, tree to rows."""

from __future__ import annotations

from connectors.sandbox.salesforce.soql.evaluate import Evaluator, Result
from connectors.sandbox.salesforce.soql.parser import parse

__all__ = ["Evaluator", "Result", "parse"]
