"""OSCAL (NIST): catalogue, profile and mapping, out and in."""
