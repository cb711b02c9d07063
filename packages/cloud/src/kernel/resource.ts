import type { Millis } from "@trysail/core";
import type { CloudEvent, Context } from "./context.ts";

/** Properties of a resource, resolved: no intrinsics left. */
export type Properties = Readonly<Record<string, unknown>>;

/** How a step on a resource went. */
export type Outcome<Done = object> =
  | ({ readonly status: "done" } & Done)
  /** Not yet: call the same function again, with the same token, at that time or when woken. */
  | { readonly status: "waiting"; readonly until: Millis }
  /** Whatever is thrown is the same as this, with the error's message. */
  | { readonly status: "failed"; readonly reason: string };

export interface ResourceIdentity {
  /** The physical id, which `Ref` gives. */
  readonly id: string;
  /** What `Fn::GetAtt` gives, by attribute name. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Nobody is shown the attributes' values where other resources use them. @defaultValue false */
  readonly isSecret?: boolean;
}

/** What a template says of how a resource is created and updated, beside its properties; resolved. */
export interface ResourcePolicies {
  readonly CreationPolicy?: Properties | undefined;
  readonly UpdatePolicy?: Properties | undefined;
}

/** A signal that somebody has sent for a resource: `cfn-signal`, SignalResource. */
export interface ResourceSignal {
  readonly uniqueId: string;
  readonly status: "SUCCESS" | "FAILURE";
}

/** What a resource's functions are told beside its properties. */
export interface ResourceRequest {
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** The same each time that the same step is tried again, so that creating twice creates once. */
  readonly token: string;
  /**
   * A name for a resource that was given none, as CloudFormation makes it: stack, logical id and a suffix, the same
   * for the same token. @param maxLength - what the service allows
   */
  generatedName(options?: { readonly maxLength?: number; readonly lowerCase?: boolean }): string;
  /**
   * Tells the physical id as soon as the resource is there, where `create` has more to do after that: if it fails then,
   * the rollback removes what was made.
   */
  made(id: string): void;
  readonly policies: ResourcePolicies;
  /** The signals that have come since this step began, each sender's first. */
  signals(): readonly ResourceSignal[];
  /** What an earlier call of this same step wanted to be remembered; undefined in its first. */
  readonly memory: unknown;
  /** Keeps plain data for the next call of this step. */
  remember(memory: unknown): void;
  /** Tells how far a step has come that takes its time: an event of the stack. The same words are told once. */
  tell(progress: string): void;
  /** The stack's tags, with CloudFormation's own `aws:cloudformation:*` ones. */
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

/**
 * A CloudFormation resource type: a few functions over the service's own operations (through `ctx.call`), so that a
 * stack and a CLI user meet the same behaviour and the same errors. What they throw becomes the resource's reason.
 */
export interface ResourceType {
  /** Properties whose change needs a new resource. A path with a dot names a member. */
  readonly replacedBy?: readonly string[];
  /** Properties that the type has. One that is not listed fails the change set, as in AWS. */
  readonly properties: readonly string[];
  /** Whether it has whatever others it is given. @defaultValue false */
  readonly takesAnyProperty?: boolean;
  /** Whether `Tags` is a map, and not a list of keys and values. @defaultValue false */
  readonly tagsAreMap?: boolean;
  /** Properties that must be there. */
  readonly required?: readonly string[];
  /** The policies that the type honours. On any other, a template with them is refused. */
  readonly policies?: readonly (keyof ResourcePolicies)[];
  /** Whether changed properties need a new resource because a policy says so. */
  replacedByPolicy?(policies: ResourcePolicies, changed: readonly string[]): boolean;
  /** Whether resources of the type that wait are to be looked at again after this event. */
  wokenBy?(event: CloudEvent): boolean;
  create(ctx: Context, properties: Properties, request: ResourceRequest): Promise<Outcome<ResourceIdentity>>;
  /**
   * Changes what needs no replacement. Absent where every property replaces. Where it gives another id, it has made
   * another resource, and the one before goes in the clean-up.
   */
  update?(
    ctx: Context,
    id: string,
    properties: Properties,
    previous: Properties,
    request: ResourceRequest,
  ): Promise<Outcome<ResourceIdentity>>;
  /** Succeeds if the resource is gone already. */
  remove(ctx: Context, id: string, properties: Properties, request: ResourceRequest): Promise<Outcome>;
}

/** The type of that name. All names that begin with `Custom::` are one type, which is registered as `Custom::*`. */
export function resourceTypeNamed(types: ReadonlyMap<string, ResourceType>, name: string): ResourceType | undefined {
  return types.get(name) ?? (name.startsWith("Custom::") ? types.get("Custom::*") : undefined);
}

/**
 * Whether a resource that exists already was made for this request, by an attempt that a crash cut short: it carries the
 * stack's own tags with this logical id. Services that take no request token can tell so.
 */
export function isMadeFor(
  request: ResourceRequest,
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): boolean {
  const own = new Map(tags.map(({ Key, Value }) => [Key, Value]));
  return (
    own.get("aws:cloudformation:stack-id") === request.stackId &&
    own.get("aws:cloudformation:logical-id") === request.logicalId
  );
}
