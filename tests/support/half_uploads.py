"""Uploads by hand over a raw connection, which may break off or be malformed, and what is left of them."""

from origin.catalogue import Query
from tests.support.origins import CLOUD, RunningOrigin
from tests.support.viewer import Connection, connect

FILE_HEAD = b'--frontier\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'


async def connected(origin: RunningOrigin) -> Connection:
    """A client who has said nothing yet."""
    return await connect(int(origin.node.addresses[0].rpartition(":")[2]))


async def rows(origin: RunningOrigin) -> int:
    """How many pictures the cloud has, 500 at most."""
    page = await origin.node.catalogue.assets.list(Query(cloud=CLOUD, resource_type="image", limit=500))
    return len(page.assets)
