import type { Handler } from "../../../kernel/service.ts";
import { invalidValue } from "../errors.ts";
import { defaultVpc } from "../networking/default-vpc.ts";
import type { Sdk } from "../sdk.ts";

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountAttributes.html */
export const describeAccountAttributes: Handler<Sdk, "describeAccountAttributes"> = (ctx, input) => {
  const all: Readonly<Record<string, string>> = {
    "supported-platforms": "VPC",
    "default-vpc": defaultVpc(ctx)?.VpcId ?? "none",
    "vpc-max-security-groups-per-interface": "5",
    "vpc-max-elastic-ips": "5",
    "max-elastic-ips": "5",
    "max-instances": "20",
  };
  const names = input.AttributeNames ?? [];
  const unknown = names.find((name) => !Object.hasOwn(all, name));
  if (unknown !== undefined) throw invalidValue(unknown, "attributeName", "Unknown attribute.");
  return {
    AccountAttributes: Object.entries(all)
      .filter(([name]) => names.length === 0 || names.some((wanted) => wanted === name))
      .map(([AttributeName, AttributeValue]) => ({ AttributeName, AttributeValues: [{ AttributeValue }] })),
  };
};
