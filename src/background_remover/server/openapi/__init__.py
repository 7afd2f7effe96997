"""The OpenAPI document of the service, and a page of it for people."""
