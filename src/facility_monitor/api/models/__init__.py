"""The shapes of the API: what comes in is checked field by field, what goes out stands in the OpenAPI document."""
