import botocore.exceptions
import pytest

import writ_local

OWNER, READER = "111122223333", "444455556666"
WORLD = f"""
accounts: [{{id: {OWNER}, name: prod}}, {{id: {READER}, name: dev}}]
parameters:
  - arn: prod:parameter/db
    type: String
    value: db.internal
    tier: Advanced
    policies: [{{allow: ssm:GetParameter, to: dev:role/app}}]
users: [{{arn: dev:user/ann}}]
roles:
  - arn: dev:role/app
    trustPolicy: {{to: ec2.amazonaws.com}}
    policies: [{{allow: ssm:GetParameter, on: "*"}}]
"""
DB = f"arn:aws:ssm:us-east-1:{OWNER}:parameter/db"


@pytest.mark.parametrize("number", range(50))
def test_isolated(writ, number):
    ssm = writ.session(OWNER).client("ssm")
    assert ssm.describe_parameters()["Parameters"] == []
    ssm.put_parameter(Name="p", Value=str(number), Type="String")
    assert ssm.get_parameter(Name="p")["Parameter"]["Value"] == str(number)


@pytest.mark.writ(world=WORLD)
def test_principals(writ):
    role = writ.session(f"arn:aws:iam::{READER}:role/app")
    assert role.client("ssm").get_parameter(Name=DB)["Parameter"]["Value"] == "db.internal"
    assert role.client("sts").get_caller_identity()["Arn"].endswith(":assumed-role/app/writ")
    ann = writ.session(f"arn:aws:iam::{READER}:user/ann")
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        ann.client("ssm").get_parameter(Name=DB)
    assert "user/ann is not authorized to perform: ssm:GetParameter" in writ.explanation()
    assert writ.can(f"arn:aws:iam::{READER}:role/app", "ssm:GetParameter", DB)
    assert not writ.can(READER, "ssm:PutParameter", DB)


@pytest.mark.writ(world=WORLD)
def test_clock(writ):
    client = writ.session(f"arn:aws:iam::{READER}:role/app").client("ssm")
    client.get_parameter(Name=DB)
    writ.advance(hours=13)
    with pytest.raises(botocore.exceptions.ClientError, match="ExpiredToken"):
        client.get_parameter(Name=DB)


def test_faults(writ_server):
    with pytest.raises(writ_local.Error, match="there is no member \"rolls\""):
        writ_server.world("accounts: [{id: 111122223333}]\nrolls: []\n")
    with pytest.raises(writ_local.Error, match="WorldNotFound|no world none"):
        writ_server.world(copy_of="none")


def test_explains(pytester, writ_server, monkeypatch):
    """A test that is denied prints the explanation without being asked."""
    monkeypatch.setenv("WRIT_ENDPOINT", writ_server.endpoint)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the plugin is named, installed or not
    pytester.makepyfile(f"""
        def test_denied(writ):
            writ.session("{READER}").client("ssm").get_parameter(Name="{DB}")
    """)
    result = pytester.runpytest_subprocess("-p", "writ_local.plugin")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Denied by Writ*", "User: arn:aws:iam::*:root is not authorized to perform: ssm:GetParameter*", "*change: add to a resource-based policy*"])
