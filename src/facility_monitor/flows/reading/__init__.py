"""From what arrives to readings, each once."""
