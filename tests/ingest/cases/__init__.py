"""Files as people really have them, and good ones damaged."""
