"""Tests of Kindred; they mirror the packages."""
