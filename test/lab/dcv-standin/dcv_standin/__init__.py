"""Stand-in for Amazon DCV, for tests of dcvops. Not Amazon DCV, and never shipped: see README.md."""
