//! Python's `configparser` (3.11): the grammar of `stored_tokens` and of comfy-cli's `config.ini`.
