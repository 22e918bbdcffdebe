"""The vectors of cdn-vendors §21.6: what the SDK that we sign with writes, to the letter, and without a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from minio import Minio
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3

KEY, SECRET = "TESTACCESSKEY0000001", "throwaway/secret/for/tests/only"
AT = datetime(2030, 1, 1, tzinfo=UTC)


def test_a_presigned_url() -> None:
    """S1: a name with a space, for an hour; the region is told, so nobody is asked for it."""
    sdk = Minio("store.test:9000", KEY, SECRET, secure=False, region="us-east-1")
    url = sdk.get_presigned_url(
        "GET", "media", "originals/a b.jpg", expires=timedelta(hours=1), request_date=AT
    )
    assert url == (
        "http://store.test:9000/media/originals/a%20b.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=TESTACCESSKEY0000001%2F20300101%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20300101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=088ab788f38699a5ec6236a02a7bad50ebf668f73488af42aacddf97fc2271fe"
    )


def test_signed_headers() -> None:
    """S2: a create-only write with metadata and tags."""
    signed = sign_v4_s3(
        method="PUT",
        url=urlsplit("http://store.test:9000/media/originals/a.jpg"),
        region="us-east-1",
        headers={
            "Host": "store.test:9000",
            "x-amz-date": "20300101T000000Z",
            "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
            "If-None-Match": "*",
            "Content-Type": "image/jpeg",
            "x-amz-meta-owner": "u1",
            "x-amz-tagging": "album=7&kind=jpg",
        },
        credentials=Credentials(KEY, SECRET),
        content_sha256="UNSIGNED-PAYLOAD",
        date=AT,
    )
    assert signed["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=TESTACCESSKEY0000001/20300101/us-east-1/s3/aws4_request, "
        "SignedHeaders=content-type;host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-meta-owner;"
        "x-amz-tagging, "
        "Signature=3e2fba8101b4ef8bbf4a3096f104f49fb47081eeb75e0cd9cf8a970c67308c00"
    )
