"""The pytest plugin: the fixture writ, a world for each test."""

import pathlib

import pytest

from . import Server

_server = pytest.StashKey()
_world = pytest.StashKey()


def pytest_configure(config):
    config.addinivalue_line("markers", "writ(world=None): the world file of the test, a path from the test's directory or its text")


def _connected(config):
    """The server of this process, which starts or finds it when it is first needed."""
    if _server not in config.stash:
        inherited = getattr(config, "workerinput", {}).get("writ_endpoint")
        config.stash[_server] = Server(inherited) if inherited else Server.connect()
    return config.stash[_server]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """The workers of pytest-xdist share one server."""
    node.workerinput["writ_endpoint"] = _connected(node.config).endpoint


def pytest_unconfigure(config):
    if _server in config.stash:
        config.stash[_server].stop()


@pytest.fixture(scope="session")
def writ_server(request):
    """The Writ that the tests share."""
    return _connected(request.config)


@pytest.fixture
def writ(request, writ_server):
    """A world of the test's own."""
    marker = request.node.get_closest_marker("writ")
    file = marker.kwargs.get("world") if marker else None
    if file is not None and "\n" not in str(file):
        file = pathlib.Path(request.path).parent / file
    with writ_server.world(file) as world:
        request.node.stash[_world] = world
        yield world
        del request.node.stash[_world]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    world = item.stash.get(_world, None)
    if report.when == "call" and report.failed and world is not None:
        explanation = world.explanation()
        if explanation:
            report.sections.append(("Denied by Writ", explanation))
