"""Tests of what is not installed: the generator, and every benchmark on a tiny source."""
