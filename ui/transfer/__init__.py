"""Import and export: files from other services, and files to take along."""
