import type { Input, OperationOf, Output } from "./sdk-types.ts";
import type { ServiceSdks } from "../services/sdks.ts";

/** Another service's operations, typed by AWS's SDK: `await ctx.call.s3.getObject({ … })`. */
export type InProcess = {
  readonly [Service in keyof ServiceSdks]: {
    readonly [Op in OperationOf<ServiceSdks[Service]>]: (
      input: Input<ServiceSdks[Service], Op>,
    ) => Promise<Output<ServiceSdks[Service], Op>>;
  };
};
