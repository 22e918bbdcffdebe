"""Amazon CloudFront (cdn-vendors §1–§9)."""
