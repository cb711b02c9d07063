import type { Properties, ResourcePolicies } from "../../../kernel/resource.ts";
import { isObject } from "./json.ts";
import type { Json } from "./json.ts";
import type { ResourceDefinition } from "./model.ts";
import { resolve } from "./resolve.ts";
import type { Environment } from "./resolve.ts";

/**
 * How a template wants a resource to be created and updated, with its functions replaced.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
 */
export function policiesOf(
  { creationPolicy, updatePolicy }: Pick<ResourceDefinition, "creationPolicy" | "updatePolicy">,
  environment: Environment,
): ResourcePolicies {
  const read = (policy: Json | undefined): Properties | undefined => {
    const resolved = policy === undefined ? undefined : resolve(policy, environment);
    return isObject(resolved) ? resolved : undefined;
  };
  return { CreationPolicy: read(creationPolicy), UpdatePolicy: read(updatePolicy) };
}
