import type { Handler } from "../../../kernel/service.ts";
import { arnOf } from "../arns.ts";
import type { Sdk } from "../sdk.ts";
import { findCluster } from "../store.ts";

// Tasks of both launch types are placed on this machine, which is no container instance: there are none.

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListContainerInstances.html */
export const listContainerInstances: Handler<Sdk, "listContainerInstances"> = (ctx, input) => {
  findCluster(ctx, input.cluster);
  return { containerInstanceArns: [] };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeContainerInstances.html */
export const describeContainerInstances: Handler<Sdk, "describeContainerInstances"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  return {
    containerInstances: [],
    failures: input.containerInstances.map((name) => ({
      arn: name.startsWith("arn:") ? name : arnOf(ctx, `container-instance/${cluster.name}/${name}`),
      reason: "MISSING",
    })),
  };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListAttributes.html */
export const listAttributes: Handler<Sdk, "listAttributes"> = (ctx, input) => {
  findCluster(ctx, input.cluster);
  return { attributes: [] };
};
