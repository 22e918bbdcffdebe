"""The origin's two APIs: uploads (signed) and administration (Basic)."""
