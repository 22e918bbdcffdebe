"""CloudFront's signed URLs and signed cookies (cdn-vendors §1, §2)."""
