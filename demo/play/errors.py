class PlayError(Exception):
    """The product did something else than it promises; the text says what was expected and what came."""
