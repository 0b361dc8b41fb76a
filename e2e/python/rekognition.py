"""A trains a model and B copies it, with boto3; the script of the same name
below testdata/script runs it, with a kill -9 between its two halves."""
import json, sys
import boto3
from botocore.exceptions import ClientError

A, B = "111122223333", "444455556666"


def client(account):
    return boto3.client("rekognition", aws_access_key_id=account, aws_secret_access_key="test")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Principal": {"AWS": B}, "Action": "rekognition:CopyProjectVersion", "Resource": resource}
        for effect, resource in statements]})


def refused(code, call, **params):
    try:
        call(**params)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        assert e.response["Error"]["Message"], e.response
        return e.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__} was not refused")


def project(c, name):
    [d] = c.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    return d["ProjectArn"]


def versions(c, arn, *names):
    return c.describe_project_versions(ProjectArn=arn, **({"VersionNames": names} if names else {}))["ProjectVersionDescriptions"]


def copy(name):
    return dict(SourceProjectArn=project(a, "birds"), SourceProjectVersionArn=versions(a, project(a, "birds"))[0]["ProjectVersionArn"],
                DestinationProjectArn=project(b, "copies"), VersionName=name, OutputConfig={"S3Bucket": "copies"})


a, b = client(A), client(B)
if sys.argv[1] == "share":
    birds = a.create_project(ProjectName="birds")["ProjectArn"]
    b.create_project(ProjectName="copies")
    refused("ResourceInUseException", a.create_project, ProjectName="birds")
    v1 = a.create_project_version(ProjectArn=birds, VersionName="v1", OutputConfig={"S3Bucket": "results"})["ProjectVersionArn"]
    a.get_waiter("project_version_training_completed").wait(ProjectArn=birds, VersionNames=["v1"])
    assert a.list_project_policies(ProjectArn=birds)["ProjectPolicies"] == []
    refused("AccessDeniedException", b.copy_project_version, **copy("v1"))

    first = a.put_project_policy(ProjectArn=birds, PolicyName="copy", PolicyDocument=document(("Allow", "*")))["PolicyRevisionId"]
    refused("ResourceAlreadyExistsException", a.put_project_policy, ProjectArn=birds, PolicyName="copy", PolicyDocument=document(("Allow", "*")))
    second = a.put_project_policy(ProjectArn=birds, PolicyName="copy", PolicyRevisionId=first, PolicyDocument=document(("Allow", v1)))["PolicyRevisionId"]
    assert first != second
    refused("InvalidPolicyRevisionIdException", a.put_project_policy, ProjectArn=birds, PolicyName="copy", PolicyRevisionId=first, PolicyDocument=document(("Allow", "*")))
    refused("MalformedPolicyDocumentException", a.put_project_policy, ProjectArn=birds, PolicyName="bad", PolicyDocument=document(("ALLOW", "*")))
    refused("InvalidParameterException", a.put_project_policy, ProjectArn=birds, PolicyName="bad", PolicyDocument=document(("Allow", "*")) + " " * 2000)
else:
    birds, copies = project(a, "birds"), project(b, "copies")
    [policy] = a.list_project_policies(ProjectArn=birds)["ProjectPolicies"]
    v1 = versions(a, birds)[0]["ProjectVersionArn"]
    assert policy["PolicyDocument"] == document(("Allow", v1)) and policy["PolicyName"] == "copy", policy
    assert policy["LastUpdatedTimestamp"] >= policy["CreationTimestamp"]
    arn = b.copy_project_version(**copy("v1"))["ProjectVersionArn"]
    [copied] = versions(b, copies, "v1")
    assert copied["ProjectVersionArn"] == arn and copied["Status"] == "COPYING_COMPLETED", copied
    assert copied["SourceProjectVersionArn"] == v1
    refused("ResourceInUseException", b.copy_project_version, **copy("v1"))
    refused("AccessDeniedException", b.put_project_policy, ProjectArn=birds, PolicyName="mine", PolicyDocument=document(("Allow", "*")))
    refused("AccessDeniedException", b.list_project_policies, ProjectArn=birds)

    for name in ("p1", "p2", "p3", "p4"):
        a.put_project_policy(ProjectArn=birds, PolicyName=name, PolicyDocument=document(("Allow", "*")))
    refused("LimitExceededException", a.put_project_policy, ProjectArn=birds, PolicyName="p5", PolicyDocument=document(("Allow", "*")))
    pages = list(a.get_paginator("list_project_policies").paginate(ProjectArn=birds, PaginationConfig={"PageSize": 2}))
    assert [len(p["ProjectPolicies"]) for p in pages] == [2, 2, 1] and "NextToken" not in pages[-1], pages
    for p in a.get_paginator("list_project_policies").paginate(ProjectArn=birds).build_full_result()["ProjectPolicies"]:
        a.delete_project_policy(ProjectArn=birds, PolicyName=p["PolicyName"], PolicyRevisionId=p["PolicyRevisionId"])
    refused("AccessDeniedException", b.copy_project_version, **copy("v2"))

    refused("ResourceInUseException", a.delete_project, ProjectArn=birds)
    a.delete_project_version(ProjectVersionArn=v1)
    assert a.delete_project(ProjectArn=birds)["Status"] == "DELETING"
    assert a.describe_projects()["ProjectDescriptions"] == []
    assert versions(b, copies)[0]["ProjectVersionArn"] == arn
    print("ok")
