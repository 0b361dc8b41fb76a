"""Writ in Python tests: servers, worlds, boto3 sessions of their principals.

Start reading at Server and World.
"""

import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import urllib.error
import urllib.request
import uuid

import boto3

__all__ = ["Error", "Server", "Session", "World"]

REGION = "us-east-1"


class Error(Exception):
    """What a Writ server answered to a request of its own paths, or why there is none."""


def _request(method, url, body=None):
    """Send a request to one of Writ's own paths and return the decoded answer."""
    data = body
    if body is not None and not isinstance(body, bytes):
        data = json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    # A proxy of the environment must not see requests to this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        try:
            told = json.loads(text)
            message = "\n".join(told.get("faults") or [told["message"]])
        except (ValueError, KeyError):
            message = text
        raise Error(f"{method} {url}: {error.code}: {message}") from None
    except urllib.error.URLError as error:
        raise Error(f"{method} {url}: {error.reason}") from None
    return json.loads(text) if text.strip() else None


class Server:
    """A running Writ. Use it as a context manager if it was started here."""

    def __init__(self, endpoint, process=None):
        self.endpoint = endpoint.rstrip("/")
        self._process = process

    @classmethod
    def start(cls, binary=None):
        """Start the binary with its state in memory, on a free port of this machine."""
        found = binary or os.environ.get("WRIT_BINARY") or shutil.which("writ")
        if not found:
            raise Error("there is no binary writ in the PATH; name one with WRIT_BINARY, or a running server with WRIT_ENDPOINT")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WRIT_")}
        process = subprocess.Popen(
            [found, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        for line in process.stdout:
            address = re.search(r"listens on (http://\S+)", line)
            if address:
                return cls(address[1], process)
        raise Error(f"{found} ended with exit code {process.wait()} before it listened")

    @classmethod
    def connect(cls):
        """Use the server at WRIT_ENDPOINT, or start one."""
        endpoint = os.environ.get("WRIT_ENDPOINT")
        return cls(endpoint) if endpoint else cls.start()

    def world(self, file=None, copy_of=None):
        """Make a world: empty, of a world file (a path, or its text), or a copy of another."""
        name = "py-" + uuid.uuid4().hex
        query, body = "", None
        if file is not None:
            text = str(file)
            body = text.encode() if "\n" in text else pathlib.Path(text).read_bytes()
        if copy_of is not None:
            query = "?from=" + (copy_of.name if isinstance(copy_of, World) else copy_of)
        _request("PUT", f"{self.endpoint}/_writ/worlds/{name}{query}", body)
        return World(self, name)

    def stop(self):
        """End the process, if it was started here."""
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process.stdout.close()
            self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class World:
    """A state of its own in a server. Use it as a context manager to delete it."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.endpoint = f"{server.endpoint}/_writ/w/{name}"

    def session(self, principal, region=REGION, session_name="writ"):
        """A boto3 session whose clients are a principal: an account id for its root user, or
        the ARN of a user or a role."""
        made = _request("POST", self.endpoint + "/_writ/credentials", {"principal": principal, "sessionName": session_name})
        return Session(self.endpoint, aws_access_key_id=made["AccessKeyId"], aws_secret_access_key=made["SecretAccessKey"],
                       aws_session_token=made.get("SessionToken"), region_name=region)

    def can(self, principal, action, resource="*", **context):
        """Whether a principal may do an action on a resource now."""
        record = _request("POST", self.endpoint + "/_writ/decide",
                          {"principal": principal, "action": action, "resource": resource, "context": context})
        return record["outcome"] == "allowed"

    def advance(self, **duration):
        """Move the clock ahead: advance(hours=36)."""
        self.move_clock(advance=f"{datetime.timedelta(**duration).total_seconds():f}s")

    def move_clock(self, **move):
        """Move the clock as POST /_writ/clock does: set, advance, freeze, run."""
        return _request("POST", self.endpoint + "/_writ/clock", move)

    def denials(self):
        """The decision records of the requests that were denied, the oldest first."""
        return _request("GET", self.endpoint + "/_writ/decisions?outcome=denied&limit=1000")["decisions"][::-1]

    def explanation(self):
        """Why requests were denied, and what would allow them; "" if none was."""
        return "\n\n".join(_explain(record) for record in self.denials())

    def delete(self):
        """Delete the world."""
        _request("DELETE", f"{self.server.endpoint}/_writ/worlds/{self.name}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.delete()


def _explain(record):
    lines = [record["sentence"]]
    miss = record.get("nearestMiss")
    if miss:
        lines += [f"  nearest: {miss.get('policy', '')} statement {miss['index']}: {reason}" for reason in miss["reasons"]]
    change = record.get("change") or {}
    lines += [f"  change: {edit['text']}" for edit in change.get("edits", [])]
    if change.get("summary"):
        lines.append("  " + change["summary"])
    return "\n".join(lines)


class Session(boto3.Session):
    """A boto3 session whose clients and resources use a world."""

    def __init__(self, endpoint, **settings):
        super().__init__(**settings)
        self._endpoint = endpoint

    def client(self, *args, **kwargs):
        kwargs.setdefault("endpoint_url", self._endpoint)
        return super().client(*args, **kwargs)

    def resource(self, *args, **kwargs):
        kwargs.setdefault("endpoint_url", self._endpoint)
        return super().resource(*args, **kwargs)
