"""Printing: PDF files that are tagged, archival and the same bytes each time, set in our own faces."""
