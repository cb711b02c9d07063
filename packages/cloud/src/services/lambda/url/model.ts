import type { Cors, FunctionUrlAuthType, InvokeMode } from "@aws-sdk/client-lambda";
import type { Millis } from "@trysail/core";

/** A function's or alias's URL. */
export interface FunctionUrl {
  /** The first part of its host name. */
  readonly id: string;
  readonly authType: FunctionUrlAuthType;
  readonly cors: Cors | undefined;
  readonly invokeMode: InvokeMode;
  readonly createdAt: Millis;
  readonly modifiedAt: Millis;
}

/** Whose a URL is. */
export interface UrlOwner {
  readonly account: string;
  readonly region: string;
  readonly functionName: string;
  /** An alias; "" for `$LATEST`. */
  readonly qualifier: string;
}
