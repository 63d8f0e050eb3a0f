"""Plays a real tournament against a running product, through nothing but its public HTTP and WebSocket doors."""
