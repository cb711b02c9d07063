/**
 * How server groups are made in one region: JSON in a parameter of Parameter Store, written by the `Fleet` construct or by
 * hand, read at the begin of a rollout.
 */
export interface Fleet {
  /** The format's version. */
  readonly version: 1;
  /** What the first group gets; later ones get their source's. */
  readonly capacity: Capacity;
  readonly compute: AutoScalingCompute | EcsCompute;
  /** How groups take traffic; undefined for what has no balancer, whose instances count as healthy as Auto Scaling or ECS says. */
  readonly traffic?: Traffic | undefined;
}

export interface Capacity {
  readonly min: number;
  readonly desired: number;
  readonly max: number;
}

export interface AutoScalingCompute {
  readonly kind: "auto-scaling";
  /** Its user data finds the version in the environment: see `userDataOf`. */
  readonly launchTemplate: { readonly id: string; readonly version: string };
  readonly subnets: readonly string[];
  /** Seconds that an instance has to become healthy. */
  readonly healthCheckGraceSeconds: number;
}

export interface EcsCompute {
  readonly kind: "ecs";
  /** Name or ARN. */
  readonly cluster: string;
  /** The definition that each version's is made of: `family:revision`, or its ARN. */
  readonly taskDefinition: string;
  /** The container that runs the version, and its port. */
  readonly container: string;
  readonly port: number;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: boolean;
  readonly healthCheckGraceSeconds: number;
}

/**
 * - `attachment`: groups share target groups, and take traffic as long as they are attached. With Auto Scaling only.
 * - `weight`: each group has a target group of its own, made like `targetGroup`, and the listener's weights move traffic.
 */
export type Traffic =
  | { readonly kind: "attachment"; readonly targetGroups: readonly string[] }
  | {
      readonly kind: "weight";
      /** ARN of a listener whose default action forwards, or of one of its rules. */
      readonly listener: string;
      /** ARN of the target group whose settings are copied; it has weight 0 once a rollout ran. */
      readonly targetGroup: string;
    };
