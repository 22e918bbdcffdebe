"""The APIs described as an OpenAPI document, made from the table of endpoints."""
