"""How an index is stored: the protocols, the manifest, payloads, and one adapter per engine."""
