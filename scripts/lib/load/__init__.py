"""Many people at once on the rehearsed production stack: who they are, what they do, how long it took, what it held."""
