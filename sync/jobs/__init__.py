"""Runs made of slices, under a lease: what is done when, and how it ends."""

from __future__ import annotations
