// The sharing story with the AWS SDK for JavaScript; the script of the same
// name below testdata/script runs it, with a kill -9 between its two halves.
import assert from "node:assert/strict";
import {
  ImagebuilderClient, CreateComponentCommand, CreateImageRecipeCommand, CreateInfrastructureConfigurationCommand,
  CreateImageCommand, GetImageCommand, GetImagePolicyCommand, PutImagePolicyCommand, GetImageRecipeCommand,
  PutImageRecipePolicyCommand, ListImagesCommand,
} from "@aws-sdk/client-imagebuilder";
import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";

const A = "111122223333", B = "444455556666";
const prefix = `arn:aws:imagebuilder:us-east-1:${A}`;
const image = `${prefix}:image/web/1.0.0/1`, recipe = `${prefix}:image-recipe/web/1.0.0`;
const config = (account) => ({ credentials: { accessKeyId: account, secretAccessKey: "test" }, maxAttempts: 1 });
const a = new ImagebuilderClient(config(A)), b = new ImagebuilderClient(config(B));
const policy = (arn, ...actions) => JSON.stringify({ Version: "2012-10-17", Statement: [{
  Effect: "Allow", Principal: { AWS: [B] }, Action: actions.map((x) => `imagebuilder:${x}`), Resource: [arn] }] });
const refused = (name, promise) => assert.rejects(promise, (e) => (assert.equal(e.name, name), true));

if (process.argv[2] === "share") {
  const who = await new STSClient(config(A)).send(new GetCallerIdentityCommand({}));
  assert.equal(who.Arn, `arn:aws:iam::${A}:root`);
  const component = await a.send(new CreateComponentCommand({ name: "agent", semanticVersion: "1.0.0", platform: "Linux",
    data: "schemaVersion: 1.0\nphases:\n  - name: build\n    steps: [{name: hello, action: ExecuteBash, inputs: {commands: [echo hello]}}]\n" }));
  await a.send(new CreateImageRecipeCommand({ name: "web", semanticVersion: "1.0.0", parentImage: "ami-0123456789abcdef0",
    components: [{ componentArn: component.componentBuildVersionArn }] }));
  const infra = await a.send(new CreateInfrastructureConfigurationCommand({ name: "small", instanceProfileName: "builder" }));
  const made = await a.send(new CreateImageCommand({ imageRecipeArn: recipe, infrastructureConfigurationArn: infra.infrastructureConfigurationArn }));
  assert.equal(made.imageBuildVersionArn, image);
  assert.equal((await a.send(new GetImagePolicyCommand({ imageArn: image }))).policy, "{}");
  await refused("AccessDeniedException", b.send(new GetImageCommand({ imageBuildVersionArn: image })));
  await a.send(new PutImagePolicyCommand({ imageArn: image, policy: policy(image, "GetImage", "ListImages") }));
  await a.send(new PutImageRecipePolicyCommand({ imageRecipeArn: recipe, policy: policy(recipe, "GetImageRecipe", "ListImageRecipes") }));
} else {
  assert.equal((await b.send(new GetImageCommand({ imageBuildVersionArn: image }))).image.name, "web");
  assert.equal((await b.send(new GetImageRecipeCommand({ imageRecipeArn: recipe }))).imageRecipe.name, "web");
  await refused("ForbiddenException", b.send(new PutImagePolicyCommand({ imageArn: image, policy: policy(image, "GetImage") })));
  assert.deepEqual((await b.send(new ListImagesCommand({ owner: "Shared" }))).imageVersionList, []);
  console.log("ok");
}
