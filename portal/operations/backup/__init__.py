"""All that an installation knows in one file, and back: consistent while work goes on, the same on either database."""
