import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DetachRolePolicyCommand,
  GetGroupCommand,
  GetInstanceProfileCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListRolesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  RemoveUserFromGroupCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { GetAccessKeyInfoCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let iam: IAMClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  iam = cloud.client(IAMClient);
});
afterAll(() => cloud.stop());

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
// Odd characters and white space must come back as they were.
const document = `{ "Version": "2012-10-17",\n "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/(é'*!)" } }`;
const role = (RoleName: string, Path?: string) =>
  iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: trust }));
const exactly = (name: string, message: string) => expect.objectContaining({ name, message });

describe("roles", () => {
  test("come back as they were put, documents percent-encoded, from every region, also after a restart", async () => {
    const created = await iam.send(
      new CreateRoleCommand({
        RoleName: "deploy",
        Path: "/ci/",
        AssumeRolePolicyDocument: trust,
        Description: "Deploys",
        MaxSessionDuration: 7200,
        PermissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess",
        Tags: [{ Key: "team", Value: "web" }],
      }),
    );
    expect(created.Role).toMatchObject({
      Arn: "arn:aws:iam::000000000000:role/ci/deploy",
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/) as string,
      AssumeRolePolicyDocument: encodeURIComponent(trust),
    });
    await iam.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "inline", PolicyDocument: document }));
    await cloud.restart();
    iam = cloud.client(IAMClient, { region: "eu-west-1" });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "DEPLOY" }));
    expect(Role).toEqual(created.Role);
    const { PolicyDocument = "" } = await iam.send(
      new GetRolePolicyCommand({ RoleName: "deploy", PolicyName: "inline" }),
    );
    expect(PolicyDocument).toMatch(/^[\w.~%-]+$/);
    expect(decodeURIComponent(PolicyDocument)).toBe(document);
  });

  test("are listed by path, in pages", async () => {
    for (const name of ["p1", "p2", "p3"]) await role(name, "/paged/");
    const first = await iam.send(new ListRolesCommand({ PathPrefix: "/paged/", MaxItems: 2 }));
    expect([first.IsTruncated, first.Roles?.map(({ RoleName }) => RoleName)]).toEqual([true, ["p1", "p2"]]);
    const second = await iam.send(new ListRolesCommand({ PathPrefix: "/paged/", MaxItems: 2, Marker: first.Marker }));
    expect([second.IsTruncated, second.Roles?.map(({ RoleName }) => RoleName)]).toEqual([false, ["p3"]]);
  });

  test("are deleted only when nothing hangs on them", async () => {
    await role("tied");
    const remove = () => iam.send(new DeleteRoleCommand({ RoleName: "tied" }));
    await iam.send(new PutRolePolicyCommand({ RoleName: "tied", PolicyName: "p", PolicyDocument: document }));
    const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    await iam.send(new AttachRolePolicyCommand({ RoleName: "tied", PolicyArn }));
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "profile" }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: "profile", RoleName: "tied" }));
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: "profile" }));
    expect(InstanceProfile?.Roles?.map(({ RoleName }) => RoleName)).toEqual(["tied"]);

    const conflict = (what: string) => exactly("DeleteConflictException", `Cannot delete entity, must ${what} first.`);
    await expect(remove()).rejects.toEqual(conflict("remove roles from instance profile"));
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: "profile", RoleName: "tied" }));
    await expect(remove()).rejects.toEqual(conflict("detach all policies"));
    await iam.send(new DetachRolePolicyCommand({ RoleName: "tied", PolicyArn }));
    await expect(remove()).rejects.toEqual(conflict("delete policies"));
    await iam.send(new DeleteRolePolicyCommand({ RoleName: "tied", PolicyName: "p" }));
    await remove();
    await expect(iam.send(new GetRoleCommand({ RoleName: "tied" }))).rejects.toEqual(
      exactly("NoSuchEntityException", "The role with name tied cannot be found."),
    );
  });

  test("refuse what AWS refuses", async () => {
    await role("once");
    await expect(role("Once")).rejects.toEqual(
      exactly("EntityAlreadyExistsException", "Role with name Once already exists."),
    );
    await expect(role("a b")).rejects.toMatchObject({ name: "ValidationError" });
    await expect(role("x".repeat(65))).rejects.toMatchObject({
      name: "ValidationError",
      message: expect.stringContaining("less than or equal to 64") as string,
    });
    await expect(
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "once", PolicyDocument: "{" })),
    ).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
    });
    const attach = (PolicyArn: string) => iam.send(new AttachRolePolicyCommand({ RoleName: "once", PolicyArn }));
    await expect(attach("arn:aws:iam::aws:policy/NoSuchPolicyAtAll")).rejects.toEqual(
      exactly(
        "NoSuchEntityException",
        "Policy arn:aws:iam::aws:policy/NoSuchPolicyAtAll does not exist or is not attachable.",
      ),
    );
  });

  test("linked to a service bear its name and are the service's to change", async () => {
    const { Role } = await iam.send(
      new CreateServiceLinkedRoleCommand({ AWSServiceName: "autoscaling.amazonaws.com" }),
    );
    expect(Role?.Arn).toBe(
      "arn:aws:iam::000000000000:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
    );
    await expect(iam.send(new DeleteRoleCommand({ RoleName: Role?.RoleName }))).rejects.toMatchObject({
      name: "UnmodifiableEntityException",
    });
  });
});

test("managed policies have up to five versions, whose numbers are not used again, and are deleted when nobody bears them", async () => {
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: "own", Path: "/p/", PolicyDocument: document }),
  );
  const PolicyArn = Policy?.Arn ?? "";
  expect(PolicyArn).toBe("arn:aws:iam::000000000000:policy/p/own");
  const add = (SetAsDefault: boolean) =>
    iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document, SetAsDefault }));
  for (const isDefault of [false, false, false, true]) await add(isDefault);
  await expect(add(true)).rejects.toMatchObject({ name: "LimitExceededException" });
  await expect(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v5" }))).rejects.toEqual(
    exactly("DeleteConflictException", "Cannot delete the default version of a policy."),
  );
  await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v4" }));
  expect((await add(false)).PolicyVersion).toMatchObject({ VersionId: "v6", IsDefaultVersion: false });
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v6" }));
  expect(decodeURIComponent(PolicyVersion?.Document ?? "")).toBe(document);

  await role("bearer");
  await iam.send(new AttachRolePolicyCommand({ RoleName: "bearer", PolicyArn }));
  expect(
    (await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }))).PolicyRoles?.map(({ RoleName }) => RoleName),
  ).toEqual(["bearer"]);
  expect((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "bearer" }))).AttachedPolicies).toEqual([
    { PolicyName: "own", PolicyArn },
  ]);
  const remove = () => iam.send(new DeletePolicyCommand({ PolicyArn }));
  await expect(remove()).rejects.toEqual(
    exactly("DeleteConflictException", "Cannot delete a policy attached to entities."),
  );
  await iam.send(new DetachRolePolicyCommand({ RoleName: "bearer", PolicyArn }));
  await expect(remove()).rejects.toMatchObject({
    name: "DeleteConflictException",
    message: expect.stringContaining("more than one version") as string,
  });
  for (const VersionId of ["v1", "v2", "v3", "v6"])
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  await remove();
});

test("users are members of groups, keep their keys when renamed, and call with them", async () => {
  const { User } = await iam.send(new CreateUserCommand({ UserName: "ann", Path: "/dev/" }));
  expect(User?.UserId).toMatch(/^AIDA[A-Z2-7]{17}$/);
  await iam.send(new CreateGroupCommand({ GroupName: "developers" }));
  await iam.send(new AddUserToGroupCommand({ GroupName: "developers", UserName: "ann" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ann" }));
  const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "" } = AccessKey ?? {};
  await iam.send(new UpdateUserCommand({ UserName: "ann", NewUserName: "anna" }));
  const { Users } = await iam.send(new GetGroupCommand({ GroupName: "developers" }));
  expect(Users?.map(({ Arn }) => Arn)).toEqual(["arn:aws:iam::000000000000:user/dev/anna"]);

  const own = cloud.client(STSClient, { credentials: { accessKeyId, secretAccessKey } });
  expect(await own.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: "000000000000",
    Arn: "arn:aws:iam::000000000000:user/dev/anna",
    UserId: User?.UserId,
  });
  expect((await own.send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }))).Account).toBe("000000000000");
  const forged = cloud.client(STSClient, { credentials: { accessKeyId, secretAccessKey: "wrong" } });
  await expect(forged.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });

  const remove = () => iam.send(new DeleteUserCommand({ UserName: "anna" }));
  await expect(remove()).rejects.toMatchObject({
    message: "Cannot delete entity, must remove users from group first.",
  });
  await iam.send(new RemoveUserFromGroupCommand({ GroupName: "developers", UserName: "anna" }));
  await expect(remove()).rejects.toMatchObject({ message: "Cannot delete entity, must delete access keys first." });
  await iam.send(new UpdateAccessKeyCommand({ UserName: "anna", AccessKeyId: accessKeyId, Status: "Inactive" }));
  await expect(own.send(new GetCallerIdentityCommand({}))).rejects.toThrow(
    "The security token included in the request is invalid",
  );
});

test("a key of another account sees none of this account's users", async () => {
  const other = cloud.client(IAMClient, { credentials: { accessKeyId: "111122223333", secretAccessKey: "test" } });
  await other.send(new CreateUserCommand({ UserName: "theirs" }));
  expect((await other.send(new ListUsersCommand({}))).Users?.map(({ Arn }) => Arn)).toEqual([
    "arn:aws:iam::111122223333:user/theirs",
  ]);
});
