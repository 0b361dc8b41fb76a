"""Access Analyzer with boto3: checks of documents, findings that follow policies, archive
rules, unused access, a preview; the script of the same name below testdata/script runs it."""
import json
import boto3
from botocore.exceptions import ClientError

A, B = "111122223333", "444455556666"


def client(account, service="accessanalyzer"):
    return boto3.client(service, aws_access_key_id=account, aws_secret_access_key="test")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal):
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})


def refused(code, call, **params):
    try:
        call(**params)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return
    raise AssertionError(f"{call.__name__} was not refused")


a, iam = client(A), client(A, "iam")

# Documents.
pages = a.get_paginator("validate_policy").paginate(
    policyDocument=document(allow("s3:GetObjct"), allow("iam:PassRole")), policyType="IDENTITY_POLICY")
codes = {f["issueCode"] for page in pages for f in page["findings"]}
assert {"INVALID_ACTION", "PASS_ROLE_WITH_STAR_IN_RESOURCE"} <= codes, codes
narrow, wide = document(allow("s3:GetObject")), document(allow("s3:*"))
check = lambda old, new: a.check_no_new_access(existingPolicyDocument=old, newPolicyDocument=new, policyType="IDENTITY_POLICY")
assert check(wide, narrow)["result"] == "PASS"
failed = check(narrow, wide)
assert failed["result"] == "FAIL" and failed["reasons"][0]["statementIndex"] == 0, failed
granted = a.check_access_not_granted(policyDocument=wide, access=[{"actions": ["s3:DeleteObject"]}], policyType="IDENTITY_POLICY")
assert granted["result"] == "FAIL", granted
public = document({**allow("sqs:SendMessage"), "Principal": "*"})
assert a.check_no_public_access(policyDocument=public, resourceType="AWS::SQS::Queue")["result"] == "FAIL"
refused("ValidationException", a.check_no_public_access, policyDocument=public, resourceType="AWS::No::Such")

# Findings follow the policies.
outside = a.create_analyzer(analyzerName="outside", type="ACCOUNT")["arn"]
listed = lambda **f: [x for page in a.get_paginator("list_findings_v2").paginate(analyzerArn=outside, filter=f) for x in page["findings"]]
assert listed() == []
iam.create_role(RoleName="web", AssumeRolePolicyDocument=trust(B))
[finding] = listed(resourceType={"eq": ["AWS::IAM::Role"]})
assert finding["status"] == "ACTIVE" and finding["findingType"] == "ExternalAccess", finding
whole = a.get_finding_v2(analyzerArn=outside, id=finding["id"])
[details] = whole["findingDetails"]
assert details["externalAccessDetails"]["principal"] == {"AWS": B}, whole
a.create_archive_rule(analyzerName="outside", ruleName="partner", filter={"principal.AWS": {"eq": [B]}})
a.apply_archive_rule(analyzerArn=outside, ruleName="partner")
assert [f["status"] for f in listed()] == ["ARCHIVED"], listed()
iam.update_assume_role_policy(RoleName="web", PolicyDocument=trust(A))
assert listed() == []
refused("ResourceNotFoundException", a.get_finding_v2, analyzerArn=outside, id=finding["id"])
refused("ConflictException", a.create_analyzer, analyzerName="outside", type="ACCOUNT")

# A preview of a policy that is not there yet.
kms = client(A, "kms")
key = kms.create_key()["KeyMetadata"]["Arn"]
preview = a.create_access_preview(analyzerArn=outside, configurations={key: {"kmsKey": {"keyPolicies": {
    "default": document({**allow("kms:*"), "Principal": {"AWS": f"arn:aws:iam::{A}:root"}}, {**allow("kms:Decrypt"), "Principal": {"AWS": B}})}}}})["id"]
changes = a.list_access_preview_findings(analyzerArn=outside, accessPreviewId=preview)["findings"]
assert [c["changeType"] for c in changes] == ["NEW"], changes

# Nobody else reads them.
refused("AccessDeniedException", client(B).list_findings_v2, analyzerArn=outside)
print("ok")
