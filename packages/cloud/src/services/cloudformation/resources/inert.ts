import type { Context } from "../../../kernel/context.ts";
import type { ResourceRequest, ResourceType } from "../../../kernel/resource.ts";

/** A type that stands for nothing but itself, as on AWS: it has an id, and takes whatever it is given. */
function inert(properties: readonly string[], idOf: (ctx: Context, request: ResourceRequest) => string): ResourceType {
  return {
    properties,
    async create(ctx, _properties, request) {
      return { status: "done", id: idOf(ctx, request), attributes: {} };
    },
    async update(_ctx, id) {
      return { status: "done", id, attributes: {} };
    },
    async remove() {
      return { status: "done" };
    },
  };
}

/** What a CDK app tells AWS of itself. */
export const cdkMetadata = inert(["Analytics"], (_ctx, request) => request.generatedName());

/** A handle that nothing waits on: templates use it as a resource that does nothing. There is no type that waits. */
export const waitConditionHandle = inert([], (ctx, { stackId, logicalId, token }) => {
  const path = [stackId, logicalId, token].map(encodeURIComponent).join("/");
  return `https://cloudformation-waitcondition-${ctx.region}.s3.${ctx.region}.amazonaws.com/${path}`;
});
