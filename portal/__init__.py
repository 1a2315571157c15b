"""The face of the product: what everybody meets."""
