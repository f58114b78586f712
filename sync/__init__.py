"""The loop: pull, people, rescore, deliver, and the daemon and doors around it. The only package that imports the others."""

from __future__ import annotations
