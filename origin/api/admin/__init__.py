"""The Admin API (admin-api.md), a noun a module: Basic authentication, Cloudinary's shapes."""
