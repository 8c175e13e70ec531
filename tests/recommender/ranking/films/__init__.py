"""Tests of how films are compared."""
