"""A fuzzer for everything that reads foreign files: `scripts/fuzz`, and a short seeded run in the tests."""
