"""A server of the Model Context Protocol, by which assistants cut out pictures in folders of the user's choice."""
