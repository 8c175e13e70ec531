"""Where ratings come from: downloads, detection of what a file is, and tables."""
