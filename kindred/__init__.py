"""The command line: what composes ingest, recommender and ui."""
