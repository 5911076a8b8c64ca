"""Files that come from outside: what they are by their content, and whether they are whole."""
