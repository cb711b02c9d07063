import type { AccountId, Log, Millis, Region, Timer } from "@trysail/core";
import type { Key, Table, TableDef } from "../store/table.ts";
import type { Host } from "./host.ts";
import type { InProcess } from "./in-process.ts";
import type { Ids } from "./ids.ts";
import type { Measurement } from "./measurement.ts";
import type { ResourceType } from "./resource.ts";

/** Who calls. */
export interface Principal {
  /** The ARN that GetCallerIdentity tells. */
  readonly arn: string;
  /** The unique id: of a user `AIDA…`, of an assumed role `AROA…:session`, of the root the account id. */
  readonly userId: string;
  /** Anonymous callers reach S3 objects only, by bucket policy; `service` is Trysail's own, such as `codepipeline.amazonaws.com`. */
  readonly type: "root" | "user" | "assumed-role" | "service" | "anonymous";
}

/** An event in EventBridge's form. `detail` is plain JSON data. */
export interface CloudEvent {
  /** `aws.` and the service: `aws.codecommit`. */
  readonly source: string;
  readonly detailType: string;
  readonly resources?: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** For Trysail's own services only: AWS would not publish it. @defaultValue false */
  readonly isInternal?: boolean;
}

/** An event as those who subscribe get it. */
export interface DeliveredEvent extends CloudEvent {
  readonly id: string;
  readonly time: Millis;
  readonly account: AccountId;
  readonly region: Region;
}

/** A certificate with its chain behind it, and its private key, both as PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly privateKey: string;
}

/**
 * Who, where and when of one call, and everything that a handler or a controller may reach. Nothing else leads to
 * the time, to randomness, to other services or to the outside.
 */
export interface Context {
  readonly account: AccountId;
  /** Where the call is carried out. For global services it is the caller's region. */
  readonly region: Region;
  readonly principal: Principal;
  readonly requestId: string;
  /** Read once for each call. */
  readonly now: Millis;
  /** Aborts when the client goes away or Trysail stops. */
  readonly signal: AbortSignal;
  readonly ids: Ids;
  readonly log: Log;
  /** What lies outside of the tables: bodies, log segments, processes, repositories. */
  readonly host: Host;
  /** Other services' operations, without HTTP, with this context's account, region and principal. */
  readonly call: InProcess;
  /** CloudFormation's resource types of all services, by name. */
  readonly resourceTypes: ReadonlyMap<string, ResourceType>;
  /** What one of the services keeps under a certificate's ARN: no operation of AWS's gives the private key. */
  certificate(arn: string): CertificatePair | undefined;
  /** The same, elsewhere or as somebody else. */
  as(other: { readonly region?: Region; readonly account?: AccountId; readonly principal?: Principal }): Context;
  /** One of this service's own tables. */
  table<K extends Key, V>(def: TableDef<K, V>): Table<K, V>;
  /**
   * One transaction, synchronous. A handler that is a plain function runs in one already; an async handler, which
   * cannot, writes inside of this.
   */
  transaction<T>(work: () => T): T;
  /**
   * Asks now, and again after each change of any state, until the answer is not undefined: for calls that hold their
   * answer until work that they have begun is done. Only outside of transactions.
   * @returns undefined when `deadline` has come, or the client has gone away
   */
  until<T>(ask: () => T | undefined, deadline: Millis): Promise<T | undefined>;
  /**
   * Calls `run` at that time, if this process is still there then: for what lives in it alone, such as the deadline of a
   * running function. What must outlive it is a controller's `wakeAt`.
   */
  timer(at: Millis, run: () => void): Timer;
  /** An EventBridge event, committed with the transaction that it is emitted in. */
  emit(event: CloudEvent): void;
  /**
   * A measurement of this account and region, as AWS publishes it by itself. It is in CloudWatch within a fraction of a
   * second, unless Trysail is killed before. Free of cost to the caller's transaction.
   */
  measure(measurement: Measurement): void;
}
