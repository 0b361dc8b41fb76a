"""The sharing story with boto3; the script of the same name below
testdata/script runs it, with a kill -9 between its two halves."""
import json, sys
import boto3
from botocore.exceptions import ClientError

A, B = "111122223333", "444455556666"
PREFIX = f"arn:aws:imagebuilder:us-east-1:{A}"
IMAGE = f"{PREFIX}:image/web/1.0.0/1"
RECIPE = f"{PREFIX}:image-recipe/web/1.0.0"
COMPONENT = """
schemaVersion: 1.0
phases:
  - name: build
    steps: [{name: hello, action: ExecuteBash, inputs: {commands: [echo hello]}}]
"""


def client(account, service="imagebuilder"):
    return boto3.client(service, aws_access_key_id=account, aws_secret_access_key="test")


def policy(arn, *actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": [B]},
        "Action": ["imagebuilder:" + a for a in actions], "Resource": [arn]}]})


def refused(code, call, **params):
    try:
        call(**params)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__} was not refused")


a, b = client(A), client(B)
if sys.argv[1] == "share":
    assert client(A, "sts").get_caller_identity()["Account"] == A
    component = a.create_component(name="agent", semanticVersion="1.0.0", platform="Linux", data=COMPONENT)
    again = a.create_component(name="agent", semanticVersion="1.0.0", platform="Linux", data=COMPONENT)
    assert again["componentBuildVersionArn"].endswith("/1.0.0/2"), again
    recipe = a.create_image_recipe(
        name="web", semanticVersion="1.0.0", parentImage="ami-0123456789abcdef0",
        components=[{"componentArn": component["componentBuildVersionArn"]}], clientToken="token-1")
    replay = a.create_image_recipe(
        name="web", semanticVersion="1.0.0", parentImage="ami-0123456789abcdef0",
        components=[{"componentArn": component["componentBuildVersionArn"]}], clientToken="token-1")
    assert recipe["imageRecipeArn"] == replay["imageRecipeArn"] == RECIPE
    refused("IdempotentParameterMismatchException", a.create_image_recipe,
            name="web", semanticVersion="2.0.0", parentImage="ami-0123456789abcdef0",
            components=[{"componentArn": component["componentBuildVersionArn"]}], clientToken="token-1")
    infra = a.create_infrastructure_configuration(name="small", instanceProfileName="builder")
    image = a.create_image(imageRecipeArn=RECIPE, infrastructureConfigurationArn=infra["infrastructureConfigurationArn"])
    assert image["imageBuildVersionArn"] == IMAGE
    assert a.get_image_policy(imageArn=IMAGE)["policy"] == "{}"
    refused("AccessDeniedException", b.get_image, imageBuildVersionArn=IMAGE)
    a.put_image_policy(imageArn=IMAGE, policy=policy(IMAGE, "GetImage", "ListImages"))
    a.put_image_recipe_policy(imageRecipeArn=RECIPE, policy=policy(RECIPE, "GetImageRecipe", "ListImageRecipes"))
else:
    assert b.get_image(imageBuildVersionArn=IMAGE)["image"]["name"] == "web"
    assert b.get_image_recipe(imageRecipeArn=RECIPE)["imageRecipe"]["version"] == "1.0.0"
    assert json.loads(a.get_image_policy(imageArn=IMAGE)["policy"])["Statement"][0]["Principal"] == {"AWS": [B]}
    refused("ForbiddenException", b.put_image_policy, imageArn=IMAGE, policy=policy(IMAGE, "GetImage"))
    message = refused("InvalidParameterValueException", a.put_image_policy, imageArn=IMAGE, policy=policy(RECIPE, "GetImage"))
    assert message.startswith("The value supplied for parameter 'policy' is not valid."), message
    assert [v["arn"] for v in a.list_images()["imageVersionList"]] == [f"{PREFIX}:image/web/1.0.0"]
    builds = a.list_image_build_versions(imageVersionArn=f"{PREFIX}:image/web/1.0.0")
    assert [s["arn"] for s in builds["imageSummaryList"]] == [IMAGE] and "nextToken" not in builds
    assert b.list_images(owner="Shared")["imageVersionList"] == []
    print("ok")
