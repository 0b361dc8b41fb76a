import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

import { Server, withWorld, WritError } from "../index.js";

const owner = "111122223333", reader = "444455556666";
const file = `
accounts: [{id: ${owner}, name: prod}, {id: ${reader}, name: dev}]
parameters: [{arn: prod:parameter/db, type: String, value: v, tier: Advanced, policies: [{allow: ssm:GetParameter, to: dev:role/app}]}]
users: [{arn: dev:user/ann}]
roles: [{arn: dev:role/app, trustPolicy: {to: ec2.amazonaws.com}, policies: [{allow: ssm:GetParameter, on: "*"}]}]
`;
const db = `arn:aws:ssm:us-east-1:${owner}:parameter/db`;

describe("worlds of one server", () => {
  let server;
  before(async () => {
    server = await Server.connect();
    process.env.WRIT_ENDPOINT = server.endpoint;
  });
  after(() => server.stop());

  describe("fifty at once", { concurrency: 8 }, () => {
    for (let i = 0; i < 50; i++) {
      test(`world ${i}`, withWorld({ file }, async (world) => {
        for (const [principal, arn] of [[owner, `arn:aws:iam::${owner}:root`], [`arn:aws:iam::${reader}:role/app`, `arn:aws:sts::${reader}:assumed-role/app/writ`]]) {
          const sts = new STSClient(await world.client(principal));
          assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Arn, arn);
        }
        assert.equal(await world.can(`arn:aws:iam::${reader}:role/app`, "ssm:GetParameter", db), true);
        assert.equal(await world.can(`arn:aws:iam::${reader}:user/ann`, "ssm:GetParameter", db), false);
      }));
    }
  });

  test("the clock", withWorld({ file }, async (world) => {
    const sts = new STSClient(await world.client(`arn:aws:iam::${reader}:role/app`));
    await world.advance("13h");
    await assert.rejects(sts.send(new GetCallerIdentityCommand({})), /[Ee]xpired/);
  }));

  test("a test that is denied is explained", async () => {
    const denied = withWorld(async (world) => {
      const sts = new STSClient(await world.client(reader));
      const { AssumeRoleCommand } = await import("@aws-sdk/client-sts");
      await sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${owner}:role/none`, RoleSessionName: "session" }));
    });
    await assert.rejects(denied(), (error) => /Denied by Writ:\nUser: .* is not authorized to perform: sts:AssumeRole/.test(error.message));
  });

  test("faults of a world file", async () => {
    await assert.rejects(server.world({ file: "accounts: [{id: 111122223333}]\nrolls: []\n" }), (error) => error instanceof WritError && /there is no member "rolls"/.test(error.message));
  });
});
