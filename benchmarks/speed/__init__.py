"""How long ingest and questions take, and what they hold."""
