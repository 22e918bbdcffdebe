"""CloudFront's invalidation API, version 2020-05-31 (cdn-vendors §7)."""
