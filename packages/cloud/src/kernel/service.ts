import type { AccountId, Millis } from "@trysail/core";
import type { CertificatePair, Context, DeliveredEvent, Principal } from "./context.ts";
import type { Input, OperationOf, Output } from "./sdk-types.ts";
import type { Change, TableDef, Key, RowScope } from "../store/table.ts";
import type { Host } from "./host.ts";
import type { TimedMeasurement } from "./measurement.ts";
import type { BlobId } from "../store/blobs.ts";
import type { HttpRequest, HttpResponse } from "../wire/http.ts";
import type { ResourceType } from "./resource.ts";

/** One operation. A plain function is one transaction; an async one writes inside `ctx.transaction`. */
export type Handler<S, Op extends string> = (
  ctx: Context,
  input: Input<S, Op>,
) => Output<S, Op> | Promise<Output<S, Op>>;

/** The operations that a service implements. What is missing answers `NotImplemented`. */
export type Handlers<S> = { readonly [Op in OperationOf<S>]?: Handler<S, Op> };

/**
 * A level-triggered loop. A key is queued when a row of a watched table changes, when a time that it asked for comes,
 * and, for every row there is, at start. One key is never reconciled twice at once. Reconciling twice changes nothing.
 */
export interface Controller<V = unknown> {
  readonly name: string;
  readonly watches: readonly TableDef<Key, V>[];
  /** The key that a changed row concerns; undefined if there is nothing to do for it (a finished build). */
  keyOf(change: Omit<Change, "value"> & { readonly value: V | undefined }): string | undefined;
  /**
   * Queues keys when something happens outside of the tables: a workload ended, a target's health changed. Called once,
   * at the start; returns the way to unsubscribe. What has happened is for `reconcile` to observe.
   */
  listens?(host: Host, queue: (scope: RowScope, key: string) => void): () => void;
  /**
   * Does what is to be done for the key now. The context is the service's own, in the row's account and region.
   * @returns when to look again at the latest, or nothing. What it throws is logged, and tried again with back-off.
   */
  reconcile(ctx: Context, key: string): Promise<{ readonly wakeAt: Millis } | void>;
}

/** A subscription to events. Delivered at least once, in order of emission; handlers are idempotent by the event's id. */
export interface Subscription {
  readonly name: string;
  /**
   * Whether the event is to be kept for {@link Subscription.handle}. Asked in the transaction that emits it, with this
   * service's context in the event's account and region: what nobody waits for is best told here, since a kept event is
   * written, read and deleted. Its `detail` may be made only when it is read, so other conditions come first.
   */
  matches(event: DeliveredEvent, ctx: Context): boolean;
  handle(ctx: Context, event: DeliveredEvent): Promise<void>;
}

/** HTTP that is not AWS's API: git, websites, webhooks. Tried before the API, in the order of the services. */
export interface Route {
  readonly name: string;
  /** Where a key is demanded from callers, this route demands it too, as HTTP Basic credentials. @defaultValue false */
  readonly needsKey?: boolean;
  /** Whether this route answers what comes in by {@link Doors}, and nothing else. @defaultValue false */
  readonly throughDoors?: boolean;
  /** The account and region the request is for, and what else the path or host told; undefined if it is not this route's. */
  match(request: RouteHead): RouteMatch | undefined;
  /** The context's principal is anonymous unless the route itself finds out who calls. */
  handle(ctx: Context, request: HttpRequest, match: RouteMatch): Promise<HttpResponse>;
}

export interface RouteHead extends Omit<HttpRequest, "body"> {
  /** The `Host` without its port. */
  readonly hostname: string;
  /** The door that it came in by, where that is not the gateway's own port: see {@link Doors}. */
  readonly door?: string;
}

export interface RouteMatch {
  readonly account?: string;
  readonly region?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A key that Trysail has issued, as the gateway needs it to verify a signature. */
export interface IssuedCredentials {
  readonly secretAccessKey: string;
  /** Demanded with the signature where it is set. */
  readonly sessionToken?: string;
  /** Undefined if they never expire. */
  readonly expiresAt?: Millis;
  readonly account: AccountId;
  readonly principal: Principal;
}

/** What a service lets a page of another origin do: the headers that a browser wants to see. */
export type CrossOriginGrant = Readonly<Record<string, string>>;

/** A service: what it stores, what it answers, what it does by itself. */
export interface Service<S = object> {
  /** The name that signatures carry: `secretsmanager`. */
  readonly id: string;
  /** `global`: one state for all regions (IAM). */
  readonly scope: "regional" | "global";
  readonly tables: Readonly<Record<string, TableDef<Key, unknown>>>;
  readonly operations: Handlers<S>;
  /** CloudFormation resource types, by name: `AWS::SecretsManager::Secret`. */
  readonly resources?: Readonly<Record<string, ResourceType>>;
  readonly controllers?: readonly Controller[];
  readonly subscriptions?: readonly Subscription[];
  /** Keeps what was measured in the context's account and region, in the transaction that it is called in. */
  readonly measured?: (ctx: Context, measurements: readonly TimedMeasurement[]) => void;
  readonly routes?: readonly Route[];
  /** Finds a key that this service has issued. The context's account and principal mean nothing yet. */
  readonly credentials?: (ctx: Context, accessKeyId: string) => IssuedCredentials | undefined;
  /** Finds a certificate that this service keeps, with its key: what serves TLS needs both. */
  readonly certificate?: (ctx: Context, arn: string) => CertificatePair | undefined;
  /**
   * Whether a web page of another origin may send this request (or, for OPTIONS, the one that it announces). Without a
   * grant the gateway refuses it: a page that a developer happens to visit must not reach Trysail.
   */
  readonly crossOrigin?: (ctx: Context, request: RouteHead, origin: string) => CrossOriginGrant | undefined;
  /** Whether a row of this service names that body. Bodies that no service names are swept after the start. */
  readonly namesBlob?: (ctx: Context, id: BlobId) => boolean;
}

/**
 * Declares a service. The type argument is its SDK package, so that an operation that AWS does not have, or one with a
 * wrong member, does not compile.
 *
 * @example
 * ```ts
 * export const secretsmanager = defineService<typeof import("@aws-sdk/client-secrets-manager")>({ id: "secretsmanager", … });
 * ```
 */
export function defineService<S extends object>(service: Service<S>): Service<S> {
  return service;
}
