import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { TrysailError } from "@trysail/core";
import { checkFleet } from "../fleet/check.ts";
import type { Fleet } from "../fleet/model.ts";
import { isNamed } from "./failures.ts";

/** @throws TrysailError `parameter-not-found` (fault: user) */
export async function readParameter(ssm: SSMClient, name: string, region: string): Promise<string> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return Parameter?.Value ?? "";
  } catch (error) {
    if (!isNamed(error, "ParameterNotFound")) throw error;
    throw new TrysailError("parameter-not-found", `There is no parameter ${name} in ${region}.`, {
      fault: "user",
      cause: error,
    });
  }
}

/**
 * How server groups are made in a region.
 *
 * @throws TrysailError `fleet-not-found` or `invalid-fleet` (fault: user)
 */
export async function readFleet(ssm: SSMClient, name: string, region: string): Promise<Fleet> {
  const text = await readParameter(ssm, name, region).catch((error: unknown) => {
    if (!(error instanceof TrysailError)) throw error;
    throw new TrysailError("fleet-not-found", `${error.message} It would tell how server groups are made there.`, {
      fault: "user",
      cause: error,
      next: "Deploy the Fleet construct in that region, or write the parameter: docs/rollouts.md describes it.",
    });
  });
  return checkFleet(text, `the parameter ${name} in ${region}`);
}
