"""The real client of CloudFront against a running edge and control API: invalidations, waiter, paginator, signer."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import pytest_twisted
from attrs import frozen
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from edge.personality.cloudfront.behavior import PathBehavior
from edge.personality.cloudfront.settings import Distribution
from edge.service import EdgeNode
from edge.vendors.service import VendorsNode
from edge.vendors.settings import Distribution as Served
from tests.support.cloudfront import KEY_ID, private_key, public_pem
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import Gate, ScriptedOrigin, held, reply
from tests.support.vendors import ACCESS_KEY, DISTRIBUTION, SECRET_KEY, control_of, running_vendors

SIGNED = Distribution(
    id=DISTRIBUTION,
    public_keys={KEY_ID: public_pem()},
    key_groups={"g": (KEY_ID,)},
    behaviors=(PathBehavior(path_pattern="/signed/*", trusted_key_groups=("g",), query="all"),),
    query="all",
    tag_header="X-Tags",
)


@frozen
class Stage:
    """An origin, an edge, and a client of the control API."""

    origin: ScriptedOrigin
    edge: EdgeNode
    client: Any
    vendors: VendorsNode

    async def call(self, name: str, **told: Any) -> Any:
        """An operation, in a thread."""
        return await deferToThread(getattr(self.client, name), DistributionId=DISTRIBUTION, **told)

    async def invalidate(self, reference: str, *items: str) -> Any:
        """The invalidation, when it is completed."""
        paths = {"Quantity": len(items), "Items": list(items)}
        made = await self.call(
            "create_invalidation", InvalidationBatch={"Paths": paths, "CallerReference": reference}
        )
        waiter = self.client.get_waiter("invalidation_completed")
        await deferToThread(
            waiter.wait,
            DistributionId=DISTRIBUTION,
            Id=made["Invalidation"]["Id"],
            WaiterConfig={"Delay": 1, "MaxAttempts": 60},
        )
        return made

    async def is_held(self, target: str) -> bool:
        """Whether a viewer's next request is a hit."""
        return (await get(self.edge, target)).cache == "Hit from cloudfront"


@asynccontextmanager
async def a_stage(**settings: Any) -> AsyncIterator[Stage]:
    origin = ScriptedOrigin().listen()
    for path, tags in (("/a", "Album:7"), ("/b/1", "other"), ("/b/2", "album:7, x"), ("/signed/a", "")):
        origin.on(path, reply(b"x", Cache_Control="max-age=600", X_Tags=tags))
    async with running_edge(origin.url, personality="cloudfront", cloudfront=SIGNED) as edge:
        served = {DISTRIBUTION: Served({edge.settings.name: control_of(edge)}, has_tags=True)}
        async with running_vendors(distributions=served, **settings) as vendors:
            client = boto3.client(
                "cloudfront",
                endpoint_url=f"http://127.0.0.1:{vendors.port}/cloudfront",
                region_name="eu-west-1",
                aws_access_key_id=ACCESS_KEY,
                aws_secret_access_key=SECRET_KEY,
            )
            yield Stage(origin, edge, client, vendors)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_invalidation_from_creation_to_completion() -> None:
    """In progress at first, then completed for the waiter, and the edge has forgotten what was named, no more."""
    async with a_stage() as stage:
        for target in ("/a", "/a?w=1", "/b/1", "/b/2"):
            await get(stage.edge, target)
        made = await stage.invalidate("r1", "/a", "/b/1*")
        assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
        assert made["ResponseMetadata"]["RequestId"]
        invalidation = made["Invalidation"]
        assert invalidation["Status"] == "InProgress"
        assert made["Location"].endswith(f"/distribution/{DISTRIBUTION}/invalidation/{invalidation['Id']}")
        assert invalidation["InvalidationBatch"]["Paths"] == {"Quantity": 2, "Items": ["/a", "/b/1*"]}
        assert abs(invalidation["CreateTime"].timestamp() - time.time()) < 60
        held = {target: await stage.is_held(target) for target in ("/a", "/a?w=1", "/b/1", "/b/2")}
        assert held == {"/a": False, "/a?w=1": True, "/b/1": False, "/b/2": True}
        told = stage.vendors.status()["purges"]
        assert (told["confirmed"], told["pending"]) == (1, {})
        assert (
            told["slowest_seconds"] < 5.0
        )  # from the call to the last confirmation, by the node's own clock
        again = await stage.invalidate("r1", "/b/1*", "/a")
        assert (again["Invalidation"]["Id"], again["Invalidation"]["Status"]) == (
            invalidation["Id"],
            "Completed",
        )
        assert await stage.is_held("/a")


@pytest_twisted.ensureDeferred
async def test_an_invalidation_beats_what_was_under_way() -> None:
    """§7.3.9, §22.9: whoever had asked gets the answer, and nobody after him."""
    async with a_stage() as stage:
        gate = Gate()
        stage.origin.once("/a", held(gate, reply(b"old", Cache_Control="max-age=600")))
        asking = Deferred.fromCoroutine(get(stage.edge, "/a"))
        await gate.arrived(1)
        await stage.invalidate("r", "/a")
        gate.open()
        assert (await asking).body == b"old"
        assert not await stage.is_held("/a")
        assert await stage.is_held("/a")


@pytest_twisted.ensureDeferred
async def test_tags_and_everything() -> None:
    async with a_stage() as stage:
        targets = ("/a", "/b/1", "/b/2")
        for target in targets:
            await get(stage.edge, target)
        await stage.invalidate("tags", "#ALBUM:7")
        assert [await stage.is_held(target) for target in targets] == [False, True, False]
        await stage.invalidate("all", "/*")
        assert [await stage.is_held(target) for target in targets] == [False, False, False]


@pytest_twisted.ensureDeferred
async def test_listing_goes_page_by_page() -> None:
    """Newest first, until nothing is left."""
    async with a_stage(least_seconds=0.0) as stage:
        empty = await stage.call("list_invalidations")
        assert empty["InvalidationList"]["Quantity"] == 0
        made = [(await stage.invalidate(str(number), "/a"))["Invalidation"]["Id"] for number in range(3)]
        paginator = stage.client.get_paginator("list_invalidations")

        def all_pages() -> list[dict[str, Any]]:
            return list(paginator.paginate(DistributionId=DISTRIBUTION, PaginationConfig={"PageSize": 2}))

        pages = [page["InvalidationList"] for page in await deferToThread(all_pages)]
        assert [[each["Id"] for each in page["Items"]] for page in pages] == [[made[2], made[1]], [made[0]]]
        assert all(each["Status"] == "Completed" for page in pages for each in page["Items"])


@pytest_twisted.ensureDeferred
async def test_refusals_have_the_codes_that_clients_know() -> None:
    async with a_stage() as stage:

        async def code_of(name: str, client: Any = None, **told: Any) -> tuple[str, int]:
            with pytest.raises(ClientError) as refused:
                await deferToThread(
                    getattr(client or stage.client, name), **({"DistributionId": DISTRIBUTION} | told)
                )
            answer = refused.value.response
            return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]

        def batch(*items: str, quantity: int | None = None, reference: str = "r") -> dict[str, Any]:
            paths = {"Quantity": len(items) if quantity is None else quantity, "Items": list(items)}
            return {"InvalidationBatch": {"Paths": paths, "CallerReference": reference}}

        create = "create_invalidation"
        assert await code_of(create, DistributionId="ENONE", **batch("/a")) == ("NoSuchDistribution", 404)
        assert await code_of("get_invalidation", Id="INONE") == ("NoSuchInvalidation", 404)
        assert await code_of(create, **batch("/a*b")) == ("InvalidArgument", 400)
        assert await code_of(create, **batch("/a", quantity=2)) == ("InconsistentQuantities", 400)
        assert await code_of(create, **batch(*map("/{}".format, range(3001)))) == ("BatchTooLarge", 413)
        assert await code_of("list_invalidations", Marker="INONE") == ("InvalidArgument", 400)
        await stage.call(create, **batch("/a", reference="same"))
        assert await code_of(create, **batch("/b", reference="same")) == (
            "InvalidationBatchAlreadyExists",
            400,
        )
        assert await code_of(create, **batch(*map("/{}*".format, range(16)))) == (
            "TooManyInvalidationsInProgress",
            400,
        )
        await stage.call(create, **batch(*(f"/{number}*" for number in range(15)), reference="wild"))
        assert await code_of(create, **batch("/z*", reference="more")) == (
            "TooManyInvalidationsInProgress",
            400,
        )
        for key, secret, code in (
            ("TESTACCESSKEY0000001", "wrong", "SignatureDoesNotMatch"),
            ("UNKNOWN", "s", "InvalidClientTokenId"),
            ("LIMITED", "s", "AccessDenied"),
        ):
            stranger = boto3.client(
                "cloudfront",
                endpoint_url=stage.client.meta.endpoint_url,
                region_name="us-east-1",
                aws_access_key_id=key,
                aws_secret_access_key=secret,
            )
            assert await code_of(create, stranger, **batch("/a")) == (code, 403)


@pytest_twisted.ensureDeferred
async def test_calls_that_nobody_signed_now_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """§7.5: the codes for who signs not at all, or by a clock that is off; and for what is no call."""
    async with a_stage() as stage:
        told = {"endpoint_url": stage.client.meta.endpoint_url, "region_name": "us-east-1"}
        keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}

        async def refused(client: Any, **more: Any) -> tuple[str, int]:
            with pytest.raises(ClientError) as why:
                await deferToThread(client.list_invalidations, DistributionId=DISTRIBUTION, **more)
            answer = why.value.response
            assert answer["ResponseMetadata"]["RequestId"]
            return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]

        unsigned = boto3.client("cloudfront", config=Config(signature_version=UNSIGNED), **told)
        assert await refused(unsigned) == ("MissingAuthenticationToken", 403)
        for most in ("0", "x", "101"):
            assert await refused(stage.client, MaxItems=most) == ("InvalidArgument", 400)
        late = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=6)
        monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: late)
        assert await refused(boto3.client("cloudfront", **told, **keys)) == ("RequestExpired", 403)


@pytest_twisted.ensureDeferred
async def test_an_edge_that_is_down_is_told_when_it_is_back() -> None:
    """It holds the invalidation up for as long as patience goes."""
    origin = ScriptedOrigin().listen()
    origin.on("/purge", reply(b'{"purged": 1, "nodes": {}}', status=503))
    served = {DISTRIBUTION: Served({"away": origin.url})}
    async with running_vendors(distributions=served, least_seconds=0.0) as vendors:
        client = boto3.client(
            "cloudfront",
            endpoint_url=f"http://127.0.0.1:{vendors.port}",
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        stage = Stage(origin, None, client, vendors)  # type: ignore[arg-type]  # there is none
        paths = {"Quantity": 1, "Items": ["/a"]}
        batch = {"InvalidationBatch": {"Paths": paths, "CallerReference": "r"}}
        made = await stage.call("create_invalidation", **batch)
        seen = await stage.call("get_invalidation", Id=made["Invalidation"]["Id"])
        assert seen["Invalidation"]["Status"] == "InProgress"
        await until(lambda: origin.count("/purge") >= 2)
        assert vendors.status()["purges"]["pending"] == {"away": 1}
        origin.on("/purge", reply(b'{"purged": 1, "nodes": {}}'))
        await stage.invalidate("r", "/a")
        assert vendors.status()["purges"]["pending"] == {}
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_refusals_of_viewers_have_their_codes() -> None:
    """§1.6, in the order of its table, of one URL that the signer made."""
    key, late = private_key(), datetime(2029, 1, 1, tzinfo=UTC)
    signer = CloudFrontSigner(KEY_ID, lambda message: key.sign(message, PKCS1v15(), SHA1()))
    async with a_stage() as stage:
        host = f"127.0.0.1:{stage.edge.port}"
        url = f"http://{host}/signed/a"
        canned = signer.generate_presigned_url(url, date_less_than=late)
        custom = signer.generate_presigned_url(url, policy=signer.build_policy(url, late))
        for told, code in (
            (url, "MissingKey"),
            (canned.replace(KEY_ID, ""), "MissingKey"),
            (canned.replace(KEY_ID, "KNOBODY"), "InvalidKey"),
            (re.sub("Signature=[^&]*", "Signature=!!", canned), "MalformedSignature"),
            (re.sub("&Signature=[^&]*", "", canned), "MalformedSignature"),
            (re.sub("Policy=[^&]*", "Policy=!!", custom), "MalformedPolicy"),
            (re.sub("Policy=[^&]*", "Policy=e30_", custom), "MalformedPolicy"),
            (re.sub("Expires=[0-9]*&", "", canned), "AccessDenied"),
            (re.sub("Expires=[0-9]*", "Expires=soon", canned), "AccessDenied"),
            (re.sub("Expires=([0-9]*)", r"Expires=1\1", canned), "AccessDenied"),
            (canned + "&Hash-Algorithm=MD5", "AccessDenied"),
            (canned + "&w=1", "AccessDenied"),
        ):
            answer = await get(stage.edge, told.removeprefix(f"http://{host}"), Host=host)
            assert (answer.status, answer.get("Server"), answer.get("Content-Type")) == (
                *(403, "CloudFront"),
                "text/xml",
            )
            assert answer.cache == "Error from cloudfront"
            assert answer.body.startswith(
                b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>' + code.encode() + b"</Code>"
            ), told


@pytest_twisted.ensureDeferred
async def test_what_the_signer_signs_lets_in() -> None:
    """Canned and custom; SHA-256 as users of today's botocore have to add it."""
    key, late = private_key(), datetime(2029, 1, 1, tzinfo=UTC)
    sha1 = CloudFrontSigner(KEY_ID, lambda message: key.sign(message, PKCS1v15(), SHA1()))
    sha256 = CloudFrontSigner(KEY_ID, lambda message: key.sign(message, PKCS1v15(), SHA256()))
    async with a_stage() as stage:
        base = f"http://127.0.0.1:{stage.edge.port}"

        async def status(url: str, path: str = "/signed/a") -> int:
            _, _, query = url.partition("?")
            host = base.removeprefix("http://")
            return (await get(stage.edge, f"{path}?{query}", Host=host)).status

        canned = sha1.generate_presigned_url(f"{base}/signed/a", date_less_than=late)
        assert await status(canned) == 200
        assert await status(canned + "&w=1") == 403
        policy = sha1.build_policy(f"{base}/signed/*", late, ip_address="127.0.0.1")
        custom = sha1.generate_presigned_url(f"{base}/signed/*", policy=policy)
        assert await status(custom) == 200
        assert await status(custom, "/signed/b") == 404
        elsewhere = sha1.build_policy(f"{base}/signed/*", late, ip_address="192.0.2.1")
        assert await status(sha1.generate_presigned_url(f"{base}/signed/*", policy=elsewhere)) == 403
        newer = sha256.generate_presigned_url(f"{base}/signed/a", date_less_than=late)
        assert await status(newer) == 403
        assert await status(newer + "&Hash-Algorithm=SHA256") == 200
        past = sha1.generate_presigned_url(f"{base}/signed/a", date_less_than=datetime(2020, 1, 1))
        assert await status(past) == 403
