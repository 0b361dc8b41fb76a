"""A rotates a secret with the steps of a rotation function, and replicates it, with
boto3; the script of the same name below testdata/script runs it, with a kill -9 between
its two halves."""
import sys
import boto3
from botocore.exceptions import ClientError

A = "111122223333"
TOKEN = "5f2c9501-0f3a-4c7d-9a11-6b1d0c2e4a77"


def client(region="us-east-1"):
    return boto3.client("secretsmanager", region_name=region, aws_access_key_id=A, aws_secret_access_key="test")


def refused(code, call, **params):
    try:
        call(**params)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__} was not refused")


def value(c, **which):
    return c.get_secret_value(SecretId="db", **which)["SecretString"]


def begin():
    a.create_secret(Name="db", SecretString="old", AddReplicaRegions=[{"Region": "eu-west-1"}])
    assert value(client("eu-west-1")) == "old"
    out = a.rotate_secret(SecretId="db", ClientRequestToken=TOKEN, RotationRules={"AutomaticallyAfterDays": 30},
                          RotationLambdaARN=f"arn:aws:lambda:us-east-1:{A}:function:rotate")
    assert out["VersionId"] == TOKEN
    # createSecret
    refused("ResourceNotFoundException", a.get_secret_value, SecretId="db", VersionId=TOKEN, VersionStage="AWSPENDING")
    a.put_secret_value(SecretId="db", ClientRequestToken=TOKEN, SecretString="new", VersionStages=["AWSPENDING"])


def finish():
    assert value(a, VersionStage="AWSPENDING") == "new" and value(a) == "old"
    message = refused("InvalidRequestException", a.rotate_secret, SecretId="db")
    assert message == "A previous rotation isn't complete. That rotation will be reattempted.", message
    # finishSecret
    stages = a.describe_secret(SecretId="db")["VersionIdsToStages"]
    [current] = [v for v, labels in stages.items() if "AWSCURRENT" in labels]
    a.update_secret_version_stage(SecretId="db", VersionStage="AWSCURRENT", MoveToVersionId=TOKEN, RemoveFromVersionId=current)
    described = a.describe_secret(SecretId="db")
    assert described["RotationEnabled"] and "LastRotatedDate" in described, described
    assert value(a) == "new" and value(a, VersionStage="AWSPREVIOUS") == "old"
    assert value(client("eu-west-1")) == "new"
    assert a.list_secrets(Filters=[{"Key": "primary-region", "Values": ["us-east-1"]}])["SecretList"][0]["Name"] == "db"
    refused("InvalidParameterException", a.delete_secret, SecretId="db")
    a.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"])
    refused("ResourceNotFoundException", client("eu-west-1").describe_secret, SecretId="db")
    a.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    print("ok")


a = client()
{"begin": begin, "finish": finish}[sys.argv[1]]()
