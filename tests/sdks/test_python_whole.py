"""Nothing of the installed Python SDK is left out by the tests beside this one."""

import inspect
import re
from pathlib import Path

import cloudinary.api
import cloudinary.uploader
import cloudinary.utils
import pytest

from tests.sdks import python_sdk
from tests.support.called import public_functions

# Of `utils`, what makes or checks something that a server understands; the rest builds parameters and tags.
SIGNING = re.compile(r"download|^verify_|sign|auth_token")
DELIVERY = {"unsigned_download_url_prefix"}  # a host name
# Accounts have credentials of their own, and no account is served here.
EXCLUDED = {"cloudinary.provisioning.account"}


@pytest.fixture(autouse=True)
def _after_the_others(request: pytest.FixtureRequest) -> None:
    ran = {item.path.name for item in request.session.items}
    others = {path.name for path in Path(__file__).parent.glob("test_python_*.py")}
    if others - ran or request.config.getoption("keyword"):
        pytest.skip("counts what the other modules called, and not all of them ran")


def test_every_function_of_the_uploader_and_of_the_api_is_called() -> None:
    assert public_functions(cloudinary.uploader) - python_sdk.uploader.names == set()
    assert public_functions(cloudinary.api) - python_sdk.api.names == set()


def test_every_signing_helper_is_called() -> None:
    wanted = {name for name in public_functions(cloudinary.utils) if SIGNING.search(name)}
    assert wanted - DELIVERY - python_sdk.utils.names == set()


def test_no_module_of_calls_is_unknown() -> None:
    """A new module of the SDK that talks to a server is noticed here."""
    root = Path(inspect.getfile(cloudinary)).parent
    talking = {
        ".".join(("cloudinary", *path.relative_to(root).with_suffix("").parts))
        for path in root.rglob("*.py")
        if re.search(r"^\s+return _?call_\w*api\(|\.execute\(\)", path.read_text("utf-8"), re.MULTILINE)
    }
    known = {"cloudinary.uploader", "cloudinary.api", "cloudinary.search", "cloudinary.search_folders"}
    assert talking - known - EXCLUDED <= {
        "cloudinary.api_client.call_api",
        "cloudinary.api_client.call_account_api",
    }
