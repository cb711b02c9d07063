import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import type { Credentials } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let sts: STSClient;
let roleId: string;
const RoleArn = "arn:aws:iam::000000000000:role/ci/deploy";
beforeAll(async () => {
  cloud = await startTestCloud();
  sts = cloud.client(STSClient);
  const AssumeRolePolicyDocument = JSON.stringify({
    Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
  });
  const created = await cloud
    .client(IAMClient)
    .send(
      new CreateRoleCommand({ RoleName: "deploy", Path: "/ci/", AssumeRolePolicyDocument, MaxSessionDuration: 7200 }),
    );
  roleId = created.Role?.RoleId ?? "";
});
afterAll(() => cloud.stop());

const sessionClient = (credentials: Credentials | undefined, sessionToken = credentials?.SessionToken ?? "") =>
  cloud.client(STSClient, {
    region: "eu-west-1",
    credentials: {
      accessKeyId: credentials?.AccessKeyId ?? "",
      secretAccessKey: credentials?.SecretAccessKey ?? "",
      sessionToken,
    },
  });
const whoAmI = (client: STSClient) => client.send(new GetCallerIdentityCommand({}));

describe("AssumeRole", () => {
  test("issues credentials that call as the role, in every region, until they expire", async () => {
    const { Credentials, AssumedRoleUser } = await sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: "cdk", DurationSeconds: 900 }),
    );
    expect(Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(AssumedRoleUser).toEqual({
      AssumedRoleId: `${roleId}:cdk`,
      Arn: "arn:aws:sts::000000000000:assumed-role/deploy/cdk",
    });
    const session = sessionClient(Credentials);
    expect(await whoAmI(session)).toMatchObject({
      Account: "000000000000",
      Arn: AssumedRoleUser?.Arn,
      UserId: `${roleId}:cdk`,
    });
    await expect(whoAmI(sessionClient(Credentials, "another token"))).rejects.toThrow(
      "The security token included in the request is invalid.",
    );
    await cloud.clock.advance({ seconds: 900 });
    await expect(whoAmI(session)).rejects.toMatchObject({
      message: "The security token included in the request is expired",
    });
    await cloud.clock.advance({ hours: 25 });
    await expect(whoAmI(session)).rejects.toThrow("The security token included in the request is invalid.");
  });

  test("of a role of another account is called in that account", async () => {
    const other = cloud.client(STSClient, { credentials: { accessKeyId: "111122223333", secretAccessKey: "test" } });
    const { Credentials } = await other.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "visitor" }));
    expect((await whoAmI(sessionClient(Credentials))).Account).toBe("000000000000");
  });

  test.each([
    RoleArn.replace("deploy", "absent"),
    RoleArn.replace("/ci/", "/"),
    RoleArn.replace("000000000000", "999999999999"),
  ])("of %s, which does not exist, is denied", async (arn) => {
    await expect(sts.send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "cdk" }))).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: arn:aws:iam::000000000000:root is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    });
  });

  test("keeps to the longest session that the role and its chain allow", async () => {
    await expect(
      sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "long", DurationSeconds: 7201 })),
    ).rejects.toThrow("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: "long", DurationSeconds: 7200 }),
    );
    const chained = sessionClient(Credentials).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: "chain", DurationSeconds: 3601 }),
    );
    await expect(chained).rejects.toThrow("role chaining");
  });

  test("refuses a session name that AWS refuses", async () => {
    await expect(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "a b" }))).rejects.toMatchObject({
      name: "ValidationError",
    });
  });
});

test("GetSessionToken gives the caller's own identity, and a session cannot ask for another", async () => {
  const { Credentials } = await sts.send(new GetSessionTokenCommand({}));
  const session = sessionClient(Credentials);
  expect((await whoAmI(session)).Arn).toBe("arn:aws:iam::000000000000:root");
  const assumed = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "cdk" }));
  await expect(sessionClient(assumed.Credentials).send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
    name: "AccessDenied",
  });
});
