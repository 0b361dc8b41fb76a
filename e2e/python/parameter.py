"""A shares parameters by policies and by RAM, and B reads them, with boto3; the
script of the same name below testdata/script runs it, with a kill -9 between its
two halves."""
import json, sys
import boto3
from botocore.exceptions import ClientError

A, B = "111122223333", "444455556666"
READ = ["ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameters"]
HISTORY = "arn:aws:ram::aws:permission/AWSRAMPermissionSSMParameterReadOnlyWithHistory"


def client(service, account):
    return boto3.client(service, aws_access_key_id=account, aws_secret_access_key="test")


def arn(name):
    return f"arn:aws:ssm:us-east-1:{A}:parameter{name}"


def policy(name, actions, principal=B):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": arn(name)}]}, indent=1)


def refused(code, call, **params):
    try:
        call(**params)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e
    raise AssertionError(f"{call.__name__} was not refused")


def put(name, **params):
    a.put_parameter(Name=name, **{"Type": "String", "Value": name, "Tier": "Advanced"} | params)


def share_of(name):
    [association] = ra.get_resource_share_associations(associationType="RESOURCE", resourceArn=arn(name))["resourceShareAssociations"]
    return association["resourceShareArn"]


def found():
    pages = b.get_paginator("describe_parameters").paginate(Shared=True, PaginationConfig={"PageSize": 1})
    return sorted(p["ARN"] for page in pages for p in page["Parameters"])


a, b, ra, rb = client("ssm", A), client("ssm", B), client("ram", A), client("ram", B)
if sys.argv[1] == "share":
    key = client("kms", A).create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{A}:root"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{B}:root"}, "Action": "kms:Decrypt", "Resource": "*"}]}))["KeyMetadata"]["Arn"]
    for name in ("/app/host", "/app/port", "/app/user", "/app/own"):
        put(name)
    put("/app/secret", Type="SecureString", Value="hush", KeyId=key)

    # By a policy: what may lie on a parameter, and which version is meant.
    first = a.put_resource_policy(ResourceArn=arn("/app/host"), Policy=policy("/app/host", READ))
    second = a.put_resource_policy(ResourceArn=arn("/app/host"), Policy=policy("/app/host", READ),
                                   PolicyId=first["PolicyId"], PolicyHash=first["PolicyHash"])
    assert second["PolicyId"] == first["PolicyId"] and second["PolicyHash"] != first["PolicyHash"]
    refused("ResourcePolicyConflictException", a.put_resource_policy, ResourceArn=arn("/app/host"),
            Policy=policy("/app/host", READ), PolicyId=first["PolicyId"], PolicyHash=first["PolicyHash"])
    e = refused("ResourcePolicyInvalidParameterException", a.put_resource_policy, ResourceArn=arn("/app/host"),
                Policy=policy("/app/host", READ), PolicyId=first["PolicyId"])
    assert e.response["ParameterNames"] == ["PolicyHash"], e.response
    refused("MalformedResourcePolicyDocumentException", a.put_resource_policy, ResourceArn=arn("/app/host"), Policy="{")
    e = refused("ResourcePolicyLimitExceededException", a.put_resource_policy, ResourceArn=arn("/app/host"),
                Policy=policy("/app/host", READ) + " " * 1024)
    assert e.response["Limit"] == 1024, e.response
    refused("ResourceNotFoundException", a.get_resource_policies, ResourceArn=arn("/app/gone"))
    a.put_resource_policy(ResourceArn=arn("/app/secret"), Policy=policy("/app/secret", READ))
    a.put_resource_policy(ResourceArn=arn("/app/user"), Policy=policy("/app/user", ["ssm:GetParameter"]))

    # Through RAM: two shares make one document.
    share = ra.create_resource_share(name="ports", resourceArns=[arn("/app/port")], principals=[B], permissionArns=[HISTORY])["resourceShare"]
    assert "featureSet" not in share, share
    [permission] = ra.list_resource_share_permissions(resourceShareArn=share["resourceShareArn"])["permissions"]
    assert permission["arn"] == HISTORY and permission["permissionType"] == "AWS_MANAGED", permission
    refused("AccessDeniedException", b.get_parameter, Name=arn("/app/port"))
    [invitation] = rb.get_resource_share_invitations()["resourceShareInvitations"]
    rb.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
else:
    # B has what the policies and the share say, by ARN.
    got = b.get_parameter(Name=arn("/app/host"))["Parameter"]
    assert got["Name"] == "/app/host" and got["ARN"] == arn("/app/host") and got["Value"] == "/app/host", got
    assert b.get_parameter(Name=arn("/app/secret"), WithDecryption=True)["Parameter"]["Value"] == "hush"
    got = b.get_parameters(Names=[arn("/app/host"), arn("/app/port"), "/app/port"])
    assert sorted(p["Name"] for p in got["Parameters"]) == ["/app/host", "/app/port"] and got["InvalidParameters"] == ["/app/port"], got
    assert len(b.get_parameter_history(Name=arn("/app/port"))["Parameters"]) == 1
    refused("AccessDeniedException", b.get_parameter_history, Name=arn("/app/host"))
    refused("AccessDeniedException", b.get_parameters, Names=[arn("/app/host"), arn("/app/own")])
    refused("AccessDeniedException", b.get_parameter, Name=arn("/app/gone"))
    refused("ParameterNotFound", b.get_parameter, Name="/app/host")
    refused("ValidationException", b.get_parameters_by_path, Path=arn("/app"))

    # B finds what STANDARD shares give it, and nothing else.
    assert found() == [arn("/app/port")], found()
    ra.promote_resource_share_created_from_policy(resourceShareArn=share_of("/app/host"))
    e = refused("UnmatchedPolicyPermissionException", ra.promote_resource_share_created_from_policy, resourceShareArn=share_of("/app/user"))
    assert e.response["Error"]["Message"].startswith("There isn't an existing managed permission defined in RAM"), e
    [made] = ra.list_resource_share_permissions(resourceShareArn=share_of("/app/user"))["permissions"]
    assert made["featureSet"] == "CREATED_FROM_POLICY" and made["permissionType"] == "CUSTOMER_MANAGED", made
    promoted = ra.promote_permission_created_from_policy(permissionArn=made["arn"], name="get-only")["permission"]
    assert promoted["featureSet"] == "PROMOTING_TO_STANDARD" and promoted["version"] == "1" and promoted["defaultVersion"], promoted
    detail = ra.get_permission(permissionArn=promoted["arn"])["permission"]
    assert detail["featureSet"] == "STANDARD", detail
    assert json.loads(detail["permission"]) == {"Effect": "Allow", "Action": ["ssm:GetParameter"]}, detail
    ra.promote_resource_share_created_from_policy(resourceShareArn=share_of("/app/user"))
    refused("InvalidStateTransitionException", ra.promote_resource_share_created_from_policy, resourceShareArn=share_of("/app/user"))
    for invitation in rb.get_resource_share_invitations()["resourceShareInvitations"]:
        if invitation["status"] == "PENDING":
            rb.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
    assert found() == [arn("/app/host"), arn("/app/port"), arn("/app/user")], found()

    # A new version of a permission reaches the shares that have it when A says so.
    refused("PermissionAlreadyExistsException", ra.create_permission, name="get-only", resourceType="ssm:Parameter",
            policyTemplate='{"Effect":"Allow","Action":["ssm:GetParameter"]}')
    refused("MalformedPolicyTemplateException", ra.create_permission, name="all", resourceType="ssm:Parameter",
            policyTemplate='{"Effect":"Allow","Action":["ssm:GetParameter"],"Principal":"*"}')
    ra.create_permission_version(permissionArn=promoted["arn"], policyTemplate='{"Effect":"Allow","Action":["ssm:GetParameters"]}')
    b.get_parameter(Name=arn("/app/user"))
    work = ra.replace_permission_associations(fromPermissionArn=promoted["arn"], toPermissionArn=promoted["arn"])["replacePermissionAssociationsWork"]
    [done] = ra.list_replace_permission_associations_work(workIds=[work["id"]])["replacePermissionAssociationsWorks"]
    assert done["status"] == "COMPLETED" and done["toPermissionVersion"] == "2", done
    refused("AccessDeniedException", b.get_parameter, Name=arn("/app/user"))
    assert b.get_parameters(Names=[arn("/app/user")])["Parameters"][0]["Value"] == "/app/user"

    # A stops sharing: by the policy, and through RAM.
    [theirs] = a.get_resource_policies(ResourceArn=arn("/app/secret"))["Policies"]
    assert theirs["Policy"] == policy("/app/secret", READ), theirs
    a.delete_resource_policy(ResourceArn=arn("/app/secret"), PolicyId=theirs["PolicyId"], PolicyHash=theirs["PolicyHash"])
    refused("AccessDeniedException", b.get_parameter, Name=arn("/app/secret"), WithDecryption=True)
    for share in ra.get_resource_shares(resourceOwner="SELF", resourceShareStatus="ACTIVE")["resourceShares"]:
        ra.delete_resource_share(resourceShareArn=share["resourceShareArn"])
    for name in ("/app/host", "/app/port", "/app/user"):
        refused("AccessDeniedException", b.get_parameter, Name=arn(name))
        assert a.get_resource_policies(ResourceArn=arn(name))["Policies"] == []
    assert found() == [], found()
    ra.delete_permission(permissionArn=promoted["arn"])
    print("ok")
