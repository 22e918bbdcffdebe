"""The vendors' own control APIs, on one listener: CloudFront's invalidations and Akamai's Fast Purge."""
