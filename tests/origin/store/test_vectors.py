"""The vectors of cdn-vendors §21.6: what the SDK signs for us is what S3 expects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from minio import Minio
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3

ACCESS_KEY, SECRET_KEY = "TESTACCESSKEY0000001", "throwaway/secret/for/tests/only"
AT = datetime(2030, 1, 1, tzinfo=UTC)
SCOPE = "20300101/us-east-1/s3/aws4_request"


def test_a_presigned_url_is_made_without_a_question_to_the_store() -> None:
    """S1: `store.test` is nowhere."""
    sdk = Minio("store.test:9000", ACCESS_KEY, SECRET_KEY, secure=False, region="us-east-1")
    made = sdk.presigned_get_object("media", "originals/a b.jpg", expires=timedelta(hours=1), request_date=AT)
    assert made == (
        "http://store.test:9000/media/originals/a%20b.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={ACCESS_KEY}%2F{SCOPE.replace('/', '%2F')}&X-Amz-Date=20300101T000000Z"
        "&X-Amz-Expires=3600&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=088ab788f38699a5ec6236a02a7bad50ebf668f73488af42aacddf97fc2271fe"
    )


def test_a_put_is_signed_with_all_its_headers() -> None:
    """S2: create-only, tagged, its body unsigned."""
    headers: dict[str, str | list[str] | tuple[str]] = {
        "Host": "store.test:9000",
        "x-amz-date": "20300101T000000Z",
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        "If-None-Match": "*",
        "Content-Type": "image/jpeg",
        "x-amz-meta-owner": "u1",
        "x-amz-tagging": "album=7&kind=jpg",
    }
    signed = sign_v4_s3(
        method="PUT",
        url=urlsplit("http://store.test:9000/media/originals/a.jpg"),
        region="us-east-1",
        headers=headers,
        credentials=Credentials(ACCESS_KEY, SECRET_KEY),
        content_sha256="UNSIGNED-PAYLOAD",
        date=AT,
    )
    assert signed["Authorization"] == (
        f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{SCOPE}, SignedHeaders=content-type;host;if-none-match;"
        "x-amz-content-sha256;x-amz-date;x-amz-meta-owner;x-amz-tagging, "
        "Signature=3e2fba8101b4ef8bbf4a3096f104f49fb47081eeb75e0cd9cf8a970c67308c00"
    )
