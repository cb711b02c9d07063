import type { Context } from "../../kernel/context.ts";
import type { WorkloadId } from "../../runtime/workloads.ts";
import type { LoadBalancer } from "./model.ts";

type Where = Pick<Context, "account" | "region">;

/** What a load balancer's address is kept under. No program of its own runs there: the data plane listens on it. */
export function addressIdOf({ account, region }: Where, { fullName }: Pick<LoadBalancer, "fullName">): WorkloadId {
  return { service: "elasticloadbalancing", account, region, name: fullName };
}

/** The workload that an EC2 instance is. */
export function instanceWorkload({ account, region }: Where, instanceId: string): WorkloadId {
  return { service: "ec2", account, region, name: instanceId };
}

/** Takes an address for a load balancer, and tells what to write behind `http://` to reach its port 80. */
export function takeAddress(ctx: Context, balancer: Pick<LoadBalancer, "fullName">): string {
  const id = addressIdOf(ctx, balancer);
  const { workloads } = ctx.host;
  workloads.reserveAddress(id);
  const { host, port } = workloads.reach(id, 80);
  return port === 80 ? host : `${host}:${port}`;
}

const usualZones = "Z35SXDOTRQ7X7K";

/**
 * The id of the hosted zone that alias records for load balancers of a region name.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/elb.html
 */
const hostedZones: Readonly<Record<string, string>> = {
  "af-south-1": "Z268VQBMOI5EKX",
  "ap-east-1": "Z3DQVH9N71FHZ0",
  "ap-northeast-1": "Z14GRHDCWA56QT",
  "ap-northeast-2": "ZWKZPGTI48KDX",
  "ap-northeast-3": "Z5LXEXXYW11ES",
  "ap-south-1": "ZP97RAFLXTNZK",
  "ap-southeast-1": "Z1LMS91P8CMLE5",
  "ap-southeast-2": "Z1GM3OXH4ZPM65",
  "ca-central-1": "ZQSVJUPU6J1EY",
  "eu-central-1": "Z215JYRZR1TBD5",
  "eu-north-1": "Z23TAZ6LKFMNIO",
  "eu-south-1": "Z3ULH7SSC9OV64",
  "eu-west-1": "Z32O12XQLNTSW2",
  "eu-west-2": "ZHURV8PSTC4K8",
  "eu-west-3": "Z3Q77PNBQS71R4",
  "me-south-1": "ZS929ML54UICD",
  "sa-east-1": "Z2P70J7HTTTPLU",
  "us-east-1": usualZones,
  "us-east-2": "Z3AADJGX6KTTL2",
  "us-west-1": "Z368ELLRRE2KJ0",
  "us-west-2": "Z1H1FL5HABSF5",
};

export function hostedZoneOf(region: string): string {
  return hostedZones[region] ?? usualZones;
}
