import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Context } from "../../../kernel/context.ts";
import type { Outcome, Properties, ResourceIdentity, ResourceType } from "../../../kernel/resource.ts";
import { resourceRequest, startTestKernel } from "../../../testing/test-kernel.test-kit.ts";
import type { TestKernel } from "../../../testing/test-kernel.test-kit.ts";
import { iam } from "../index.ts";
import { resources } from "./index.ts";

let kernel: TestKernel;
let ctx: Context;
beforeEach(async () => {
  kernel = await startTestKernel([iam], async () => ({}));
  ctx = kernel.context(iam);
});
afterEach(() => kernel.stop());

const trust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
const allow = (Action: string) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const powerUser = "arn:aws:iam::aws:policy/PowerUserAccess";

function typeOf(name: string): ResourceType {
  const type = resources[`AWS::IAM::${name}`];
  if (type === undefined) throw new Error(`no resource type ${name}`);
  return type;
}
function finished(outcome: Outcome<ResourceIdentity> | undefined): ResourceIdentity {
  if (outcome?.status !== "done") throw new Error(JSON.stringify(outcome));
  return outcome;
}
async function create(name: string, properties: Properties, logicalId = name): Promise<ResourceIdentity> {
  return finished(await typeOf(name).create(ctx, properties, resourceRequest(logicalId)));
}
async function update(
  name: string,
  id: string,
  properties: Properties,
  previous: Properties,
): Promise<ResourceIdentity> {
  return finished(await typeOf(name).update?.(ctx, id, properties, previous, resourceRequest(name)));
}
const remove = (name: string, id: string, properties: Properties) =>
  typeOf(name).remove(ctx, id, properties, resourceRequest(name));

async function policiesOfRole(RoleName: string) {
  const { AttachedPolicies = [] } = await ctx.call.iam.listAttachedRolePolicies({ RoleName });
  const { PolicyNames = [] } = await ctx.call.iam.listRolePolicies({ RoleName });
  return { attached: AttachedPolicies.map(({ PolicyArn }) => PolicyArn), inline: PolicyNames };
}

describe("AWS::IAM::Role", () => {
  const properties = {
    AssumeRolePolicyDocument: trust,
    ManagedPolicyArns: [readOnly],
    Policies: [{ PolicyName: "a", PolicyDocument: allow("s3:*") }],
    MaxSessionDuration: "7200",
    Tags: [{ Key: "team", Value: "web" }],
  };

  test("is created once, however often its step is tried", async () => {
    const first = await create("Role", properties);
    expect(await create("Role", properties)).toEqual(first);
    expect(first).toMatchObject({
      id: "test-Role-SUFFIX",
      attributes: {
        Arn: "arn:aws:iam::000000000000:role/test-Role-SUFFIX",
        RoleId: expect.stringMatching(/^AROA/) as string,
      },
    });
    expect(await policiesOfRole(first.id)).toEqual({ attached: [readOnly], inline: ["a"] });
    // A role of that name that is another's stays another's.
    await expect(create("Role", { ...properties, RoleName: first.id }, "Other")).rejects.toMatchObject({
      code: "EntityAlreadyExists",
    });
  });

  test("tells its id before it has its policies, so that a failing one is rolled back", async () => {
    const request = resourceRequest("Role");
    await expect(
      typeOf("Role").create(ctx, { ...properties, ManagedPolicyArns: ["arn:aws:iam::aws:policy/None"] }, request),
    ).rejects.toThrow("not attachable");
    expect(request.madeIds).toEqual(["test-Role-SUFFIX"]);
    await remove("Role", "test-Role-SUFFIX", properties);
    await remove("Role", "test-Role-SUFFIX", properties);
    await expect(ctx.call.iam.getRole({ RoleName: "test-Role-SUFFIX" })).rejects.toMatchObject({
      code: "NoSuchEntity",
    });
  });

  test("changes in place, and keeps what others gave it", async () => {
    const { id } = await create("Role", properties);
    await ctx.call.iam.putRolePolicy({
      RoleName: id,
      PolicyName: "others",
      PolicyDocument: JSON.stringify(allow("sqs:*")),
    });
    const changed = {
      AssumeRolePolicyDocument: { ...trust, Statement: [] },
      Description: "new",
      ManagedPolicyArns: [powerUser],
      Policies: [{ PolicyName: "b", PolicyDocument: allow("s3:*") }],
    };
    await update("Role", id, changed, properties);
    const { Role } = await ctx.call.iam.getRole({ RoleName: id });
    expect(Role).toMatchObject({
      Description: "new",
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(changed.AssumeRolePolicyDocument)),
    });
    expect(Role?.Tags?.map(({ Key }) => Key)).toEqual(["aws:cloudformation:stack-id", "aws:cloudformation:logical-id"]);
    expect(await policiesOfRole(id)).toEqual({ attached: [powerUser], inline: ["b", "others"] });
    await expect(remove("Role", id, changed)).rejects.toThrow("must delete policies first");
  });
});

test("AWS::IAM::Policy is given to whom it names, and taken from whom it names no more", async () => {
  const { id: first } = await create("Role", { AssumeRolePolicyDocument: trust }, "First");
  const { id: second } = await create("Role", { AssumeRolePolicyDocument: trust }, "Second");
  const properties = { PolicyName: "p", PolicyDocument: allow("s3:*"), Roles: [first] };
  const { id } = await create("Policy", properties);
  await create("Policy", properties);
  expect((await policiesOfRole(first)).inline).toEqual(["p"]);
  const moved = { ...properties, Roles: [second] };
  await update("Policy", id, moved, properties);
  expect([(await policiesOfRole(first)).inline, (await policiesOfRole(second)).inline]).toEqual([[], ["p"]]);
  await expect(remove("Role", second, {})).rejects.toThrow("must delete policies first");
  await remove("Policy", id, moved);
  await remove("Policy", id, moved);
  expect((await policiesOfRole(second)).inline).toEqual([]);
  const nobody = await typeOf("Policy").create(
    ctx,
    { PolicyName: "p", PolicyDocument: allow("s3:*") },
    resourceRequest("Nobody"),
  );
  expect(nobody).toMatchObject({ status: "failed", reason: expect.stringContaining("must be non-empty") as string });
});

test("AWS::IAM::ManagedPolicy is updated more often than there is room for versions, and goes with them", async () => {
  const { id: role } = await create("Role", { AssumeRolePolicyDocument: trust });
  let properties: Properties = { PolicyDocument: allow("s3:0"), Roles: [role], Path: "/p/" };
  const { id } = await create("ManagedPolicy", properties);
  expect(id).toBe("arn:aws:iam::000000000000:policy/p/test-ManagedPolicy-SUFFIX");
  for (let change = 1; change <= 6; change += 1) {
    const next = { ...properties, PolicyDocument: allow(`s3:${change}`) };
    expect((await update("ManagedPolicy", id, next, properties)).attributes).toMatchObject({
      DefaultVersionId: `v${change + 1}`,
    });
    properties = next;
  }
  expect((await policiesOfRole(role)).attached).toEqual([id]);
  await remove("ManagedPolicy", id, properties);
  await remove("ManagedPolicy", id, properties);
  expect((await policiesOfRole(role)).attached).toEqual([]);
});

test("users, groups, memberships, keys and instance profiles come and go", async () => {
  const { id: GroupName } = await create("Group", { ManagedPolicyArns: [readOnly] });
  const userProperties = {
    UserName: "ann",
    Groups: [GroupName],
    Policies: [{ PolicyName: "p", PolicyDocument: allow("s3:*") }],
  };
  const { id: UserName } = await create("User", userProperties);
  await create("User", userProperties);
  const members = async () => ((await ctx.call.iam.getGroup({ GroupName })).Users ?? []).map((user) => user.UserName);
  expect(await members()).toEqual(["ann"]);
  await update("User", UserName, { ...userProperties, Groups: [] }, userProperties);
  const addition = { GroupName, Users: [UserName] };
  const { id: additionId } = await create("UserToGroupAddition", addition);
  expect(await members()).toEqual(["ann"]);
  await remove("UserToGroupAddition", additionId, addition);
  expect(await members()).toEqual([]);

  const key = await create("AccessKey", { UserName });
  expect(key).toMatchObject({
    id: expect.stringMatching(/^AKIA/) as string,
    attributes: { SecretAccessKey: expect.stringMatching(/^.{40}$/) as string },
  });
  await remove("AccessKey", key.id, { UserName });
  await remove("User", UserName, userProperties);
  await remove("Group", GroupName, { ManagedPolicyArns: [readOnly] });

  const { id: role } = await create("Role", { AssumeRolePolicyDocument: trust });
  const { id: profile, attributes } = await create("InstanceProfile", { Roles: [role] });
  expect(attributes["Arn"]).toBe(`arn:aws:iam::000000000000:instance-profile/${profile}`);
  await remove("InstanceProfile", profile, { Roles: [role] });
  await remove("InstanceProfile", profile, { Roles: [role] });
  await remove("Role", role, {});
  expect((await ctx.call.iam.getAccountSummary({})).SummaryMap).toMatchObject({
    Users: 0,
    Groups: 0,
    Roles: 0,
    InstanceProfiles: 0,
  });
});

test("a role's, user's or group's own policy and a service-linked role come and go", async () => {
  const { id: RoleName } = await create("Role", { AssumeRolePolicyDocument: trust });
  const properties = { RoleName, PolicyName: "own", PolicyDocument: allow("s3:*") };
  const { id } = await create("RolePolicy", properties);
  expect((await policiesOfRole(RoleName)).inline).toEqual(["own"]);
  await remove("RolePolicy", id, properties);
  expect((await policiesOfRole(RoleName)).inline).toEqual([]);
  const linked = await create("ServiceLinkedRole", { AWSServiceName: "ecs.amazonaws.com" });
  expect(linked.id).toBe("AWSServiceRoleForECS");
  await remove("ServiceLinkedRole", linked.id, {});
  await remove("ServiceLinkedRole", linked.id, {});
});
