"""Every refusal of CloudFront's control API (cdn-vendors §7.5), met with boto3 and botocore's own signer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import pytest_twisted
import requests
from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from twisted.internet.threads import deferToThread

from edge.vendors.service import VendorsNode
from edge.vendors.settings import Distribution
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.vendors import ACCESS_KEY, DISTRIBUTION, SECRET_KEY, running_vendors

SERVED = {DISTRIBUTION: Distribution({"away": "http://127.0.0.1:1"})}
NS = "http://cloudfront.amazonaws.com/doc/2020-05-31/"


def client(vendors: VendorsNode, key: str = ACCESS_KEY, secret: str = SECRET_KEY, **how: Any) -> Any:
    """boto3's, with no second attempt."""
    return boto3.client(
        "cloudfront",
        endpoint_url=f"http://127.0.0.1:{vendors.port}",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0}, **how),
    )


def batch(*items: str, quantity: int | None = None, reference: str = "r") -> dict[str, Any]:
    paths = {"Quantity": len(items) if quantity is None else quantity, "Items": list(items)}
    return {"InvalidationBatch": {"Paths": paths, "CallerReference": reference}}


async def refused(made: Any, call: str = "create_invalidation", **told: Any) -> tuple[str, int]:
    """The code and the status of a call's refusal."""
    told = {"DistributionId": DISTRIBUTION} | (told or batch("/a"))
    with pytest.raises(ClientError) as found:
        await deferToThread(getattr(made, call), **told)
    answer = found.value.response
    assert answer["ResponseMetadata"]["RequestId"]
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest_twisted.ensureDeferred
async def test_what_is_asked_for_is_not_to_be_had() -> None:
    many = batch(*(f"/{number}" for number in range(3001)))
    async with running_vendors(distributions=SERVED) as vendors:
        mine = client(vendors)
        assert await refused(mine, **batch("/a"), DistributionId="ENONE") == ("NoSuchDistribution", 404)
        assert await refused(mine, "get_invalidation", Id="INONE") == ("NoSuchInvalidation", 404)
        for path in ("/a*b", "a", "", "/" + "x" * 4000, "#tag"):
            assert await refused(mine, **batch(path)) == ("InvalidArgument", 400), path
        for page in ({"Marker": "INONE"}, {"MaxItems": "none"}, {"MaxItems": "0"}):
            assert await refused(mine, "list_invalidations", **page) == ("InvalidArgument", 400), page
        assert await refused(mine, **batch("/a", quantity=2)) == ("InconsistentQuantities", 400)
        assert await refused(mine, **many) == ("BatchTooLarge", 413)
        await deferToThread(
            mine.create_invalidation, DistributionId=DISTRIBUTION, **batch("/a", reference="s")
        )
        again = batch("/b", reference="s")
        assert await refused(mine, **again) == ("InvalidationBatchAlreadyExists", 400)


@pytest_twisted.ensureDeferred
async def test_too_much_is_in_progress() -> None:
    """§7.7: single paths and wildcards are counted apart, and what is completed counts no more."""
    away = ScriptedOrigin().listen()
    away.on("/purge", reply(b"", status=503))
    served = {DISTRIBUTION: Distribution({"away": away.url})}
    async with running_vendors(distributions=served) as vendors:
        mine = client(vendors)
        for reference, items in (
            ("wild", [f"/{n}*" for n in range(15)]),
            ("plain", [f"/{n}" for n in range(3000)]),
        ):
            more = batch("/x*" if reference == "wild" else "/x", reference="more")
            made = batch(*items, reference=reference)
            await deferToThread(mine.create_invalidation, DistributionId=DISTRIBUTION, **made)
            assert await refused(mine, **more) == ("TooManyInvalidationsInProgress", 400)
    await away.stop()


@pytest_twisted.ensureDeferred
async def test_who_asks_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_vendors(distributions=SERVED) as vendors:
        assert await refused(client(vendors, "LIMITED", "s")) == ("AccessDenied", 403)
        assert await refused(client(vendors, secret="wrong")) == ("SignatureDoesNotMatch", 403)
        assert await refused(client(vendors, "UNKNOWN")) == ("InvalidClientTokenId", 403)
        unsigned = client(vendors, signature_version=UNSIGNED)
        assert await refused(unsigned) == ("MissingAuthenticationToken", 403)
        for minutes in (-6, 6):
            now = (datetime.now(UTC) + timedelta(minutes=minutes)).replace(tzinfo=None)
            with monkeypatch.context() as patched:
                patched.setattr("botocore.auth.get_current_datetime", lambda now=now: now)
                assert await refused(client(vendors)) == ("RequestExpired", 403)
        for minutes in (-4, 4):
            now = (datetime.now(UTC) + timedelta(minutes=minutes)).replace(tzinfo=None)
            with monkeypatch.context() as patched:
                patched.setattr("botocore.auth.get_current_datetime", lambda now=now: now)
                skewed = client(vendors).list_invalidations
                answer = await deferToThread(skewed, DistributionId=DISTRIBUTION)
                assert answer["InvalidationList"]["Quantity"] == 0


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MissingBody"),
        (b"  ", "MissingBody"),
        (b"<Invalid", "InvalidArgument"),
        (b"<InvalidationBatch/>", "InvalidArgument"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><InvalidationBatch/>', "InvalidArgument"),
        (f'<Other xmlns="{NS}"/>'.encode(), "InvalidArgument"),
    ],
)
async def test_what_boto3_does_not_send_signed_by_its_signer(body: bytes, code: str) -> None:
    """It has no way to leave the body out, or to write another."""
    async with running_vendors(distributions=SERVED) as vendors:
        url = f"http://127.0.0.1:{vendors.port}/2020-05-31/distribution/{DISTRIBUTION}/invalidation"
        asked = AWSRequest("POST", url, data=body)
        SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "cloudfront", "us-east-1").add_auth(asked)
        answer = await deferToThread(
            requests.post, url, data=body, headers=dict(asked.headers.items()), timeout=60
        )
        assert answer.status_code == 400
        assert f"<Code>{code}</Code>" in answer.text
        assert answer.headers["Content-Type"] == "text/xml"
