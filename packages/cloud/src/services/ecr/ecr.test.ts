import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  ListTagsForResourceCommand,
} from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../cloudformation/stack.test-kit.ts";

let cloud: TestCloud;
let ecr: ECRClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  ecr = cloud.client(ECRClient);
});
afterAll(() => cloud.stop());

const repository = (properties: object) => ({
  Resources: { Images: { Type: "AWS::ECR::Repository", Properties: properties } },
  Outputs: { Uri: { Value: { "Fn::GetAtt": ["Images", "RepositoryUri"] } } },
});

describe("ecr", () => {
  it("keeps a stack's repository as its template says, from creation to deletion", async () => {
    const stacks = stackKit(cloud);
    const policy = { Version: "2012-10-17", Statement: [] };
    const lifecycle = JSON.stringify({ rules: [] });
    const created = await stacks.deploy(
      repository({
        RepositoryName: "team/app",
        ImageTagMutability: "IMMUTABLE",
        RepositoryPolicyText: policy,
        LifecyclePolicy: { LifecyclePolicyText: lifecycle },
        Tags: [{ Key: "team", Value: "a" }],
      }),
    );
    expect(created).toMatchObject({ status: "CREATE_COMPLETE", resources: { Images: "team/app" } });
    expect(created.outputs["Uri"]).toBe("000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app");
    const { repositories: [found] = [] } = await ecr.send(
      new DescribeRepositoriesCommand({ repositoryNames: ["team/app"] }),
    );
    expect(found).toMatchObject({ imageTagMutability: "IMMUTABLE" });
    expect(await ecr.send(new GetLifecyclePolicyCommand({ repositoryName: "team/app" }))).toMatchObject({
      lifecyclePolicyText: lifecycle,
    });
    const { tags = [] } = await ecr.send(new ListTagsForResourceCommand({ resourceArn: found?.repositoryArn }));
    expect(tags).toContainEqual({ Key: "team", Value: "a" });

    // What a template no longer says goes back to the default.
    const updated = await stacks.deploy(repository({ RepositoryName: "team/app" }));
    expect(updated).toMatchObject({ status: "UPDATE_COMPLETE", resources: { Images: "team/app" } });
    await expect(ecr.send(new GetRepositoryPolicyCommand({ repositoryName: "team/app" }))).rejects.toMatchObject({
      name: "RepositoryPolicyNotFoundException",
    });

    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
    await expect(ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ["team/app"] }))).rejects.toMatchObject({
      name: "RepositoryNotFoundException",
      message: "The repository with name 'team/app' does not exist in the registry with id '000000000000'",
    });
  });

  it("has no image, which is what makes the CDK build one", async () => {
    await stackKit(cloud).deploy(repository({ RepositoryName: "assets" }));
    const asked = ecr.send(new DescribeImagesCommand({ repositoryName: "assets", imageIds: [{ imageTag: "abc" }] }));
    await expect(asked).rejects.toMatchObject({ name: "ImageNotFoundException" });
  });
});
