"""Tests of how files of other programs are opened."""
