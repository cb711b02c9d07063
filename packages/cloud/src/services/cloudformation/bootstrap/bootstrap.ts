import type { Context } from "../../../kernel/context.ts";
import { hold } from "../engine/begin.ts";
import { tables } from "../store.ts";
import { bootstrapTemplate } from "./template.ts";

/** The name that the CDK looks for. */
const toolkitStack = "CDKToolkit";

/**
 * Makes a region ready for the CDK, by the ordinary way of a stack; once. Who deletes the stack afterwards keeps it
 * deleted, and may run `cdk bootstrap`.
 *
 * @param ctx - CloudFormation's own context in that region
 */
export async function bootstrapRegion(ctx: Context): Promise<void> {
  const bootstrapped = ctx.table(tables.bootstrapped);
  if (bootstrapped.has(toolkitStack)) return;
  if (!ctx.table(tables.names).has(toolkitStack)) {
    await ctx.call.cloudformation.createStack({
      StackName: toolkitStack,
      TemplateBody: JSON.stringify(bootstrapTemplate),
      Capabilities: ["CAPABILITY_NAMED_IAM"],
      OnFailure: "DELETE",
    });
  }
  const id = ctx.table(tables.names).get(toolkitStack);
  if (id === undefined) throw new Error(`the stack ${toolkitStack} could not be made in ${ctx.region}`);
  // An earlier run may have begun it: the controller goes on with it.
  await hold(ctx, id);
  ctx.transaction(() => bootstrapped.put(toolkitStack, true));
}
