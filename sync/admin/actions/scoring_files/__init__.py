"""Scoring files: CSV or Parquet in, typed frames for the engine; scores and lines out. Refusals name file, row and column."""
