"""Query classes, one subject a file. They take and give plain values; nothing of SQLAlchemy leaves the store."""
