"""The table of cdn-vendors §1.5."""

import pytest

from wire.tokens.cloudfront.resource import covers

TABLE = """
yes https://a.test/media/*         https://a.test/media/x/y.jpg?w=1
no  https://a.test/media/*         https://a.test/other/x.jpg
yes https://a.test/hello*world     https://a.test/hello-world
no  https://a.test/hello*world     https://a.test/hello?world
no  https://a.test/x.jpg           https://a.test/x.jpg?w=1
yes https://a.test/x.jpg*          https://a.test/x.jpg?w=1
yes https://a.test/x.jpg?w=*       https://a.test/x.jpg?w=640
yes https://a.test/x.jpg\\?w=*     https://a.test/x.jpg?w=640
no  https://a.test/x.jpg?w=*       https://a.test/x.jpg?h=640
yes https://a.test/v?.mp4          https://a.test/v1.mp4
no  https://a.test/v?.mp4          https://a.test/v12.mp4
yes https://a.test/*.jpg           https://a.test/d/x.jpg
no  https://a.test/*.jpg           https://a.test/d/x.jpg?w=1
yes https://a.test/*game.zip*      https://a.test/x/game.zip?ok=1
yes http*://a.test/*               https://a.test/q
yes *://a.test/*                   https://a.test/q
no  https://a.test/*               http://a.test/q
yes *.test/*                       http://a.test/q
yes https://a*                     https://a.test/q?z=1
yes https://*                      https://a.test/q?z=1
yes *                              https://a.test/q?z=1
yes https://A.test/x               https://a.test/x
no  https://a.test/X               https://a.test/x
no  https://a.test/media/*         https://a.test/media/../other/x
no  https://a.test/media/*         https://a.test/media/%2E%2e/other/x
yes https://a.test/other/*         https://a.test/media/../other/x
yes https://a.test/media/*         https://a.test/media/./x%2Fy
yes https://a.test/v?.mp4\\?w=*    https://a.test/v1.mp4?w=2
no  https://a.test/v?.mp4\\?w=*    https://a.test/v1.mp4
no  https://a.test*/media/*        https://a.test/other
no  a.test/*                       https://a.test/q
"""
ROWS = [line.split() for line in TABLE.replace("\\\\", "\\").strip().splitlines()]


@pytest.mark.parametrize(("verdict", "pattern", "url"), ROWS, ids=[" ".join(row) for row in ROWS])
def test_a_resource_covers_what_the_sheet_says(verdict: str, pattern: str, url: str) -> None:
    """A wildcard reaches out of its section only at an end."""
    assert covers(pattern, url) is (verdict == "yes")
