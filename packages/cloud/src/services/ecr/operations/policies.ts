import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { findRepository, saveRepository } from "../store.ts";

function checkJson(parameter: string, text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw errors.InvalidParameterException(
      `Invalid parameter at '${parameter}' failed to satisfy constraint: 'Invalid JSON'`,
    );
  }
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html */
export const setRepositoryPolicy: Handler<Sdk, "setRepositoryPolicy"> = (ctx, input) => {
  const repository = { ...findRepository(ctx, input), policy: checkJson("policyText", input.policyText) };
  saveRepository(ctx, repository);
  return { registryId: ctx.account, repositoryName: repository.name, policyText: repository.policy };
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRepositoryPolicy.html */
export const getRepositoryPolicy: Handler<Sdk, "getRepositoryPolicy"> = (ctx, input) => {
  const { name, policy } = findRepository(ctx, input);
  if (policy === undefined) {
    throw errors.RepositoryPolicyNotFoundException(
      `Repository policy does not exist for the repository with name '${name}' in the registry with id '${ctx.account}'`,
    );
  }
  return { registryId: ctx.account, repositoryName: name, policyText: policy };
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepositoryPolicy.html */
export const deleteRepositoryPolicy: Handler<Sdk, "deleteRepositoryPolicy"> = async (ctx, input) => {
  const found = await getRepositoryPolicy(ctx, input);
  ctx.transaction(() => saveRepository(ctx, { ...findRepository(ctx, input), policy: undefined }));
  return found;
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html */
export const putLifecyclePolicy: Handler<Sdk, "putLifecyclePolicy"> = (ctx, input) => {
  const repository = {
    ...findRepository(ctx, input),
    lifecyclePolicy: checkJson("lifecyclePolicyText", input.lifecyclePolicyText),
  };
  saveRepository(ctx, repository);
  return { registryId: ctx.account, repositoryName: repository.name, lifecyclePolicyText: repository.lifecyclePolicy };
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetLifecyclePolicy.html */
export const getLifecyclePolicy: Handler<Sdk, "getLifecyclePolicy"> = (ctx, input) => {
  const { name, lifecyclePolicy } = findRepository(ctx, input);
  if (lifecyclePolicy === undefined) {
    throw errors.LifecyclePolicyNotFoundException(
      `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${ctx.account}'`,
    );
  }
  return { registryId: ctx.account, repositoryName: name, lifecyclePolicyText: lifecyclePolicy };
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteLifecyclePolicy.html */
export const deleteLifecyclePolicy: Handler<Sdk, "deleteLifecyclePolicy"> = async (ctx, input) => {
  const found = await getLifecyclePolicy(ctx, input);
  ctx.transaction(() => saveRepository(ctx, { ...findRepository(ctx, input), lifecyclePolicy: undefined }));
  return found;
};
