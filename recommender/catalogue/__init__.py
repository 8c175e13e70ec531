"""The movies of an index: records, ids, titles, search, and matching of foreign lists."""
