/** What runs, as Trysail tells of it. */
export interface RunningWorkload {
  readonly service: "ec2" | "ecs";
  readonly region: string;
  /** An instance's id, or a task's and the container's name. */
  readonly name: string;
  readonly address: string;
  readonly runsAs: "container" | "process";
  readonly state: "running" | "ended";
  readonly pid?: number;
  readonly startedAt: string;
}

/** A row of `trysail ps`: an instance or a task, and the process behind it. */
export interface FleetMember {
  readonly kind: "instance" | "task";
  readonly id: string;
  readonly region: string;
  readonly zone: string;
  /** The Auto Scaling group, the ECS service, or what it was started by. */
  readonly belongsTo: string;
  /** In AWS's words: `running`, `RUNNING`, `terminated`. */
  readonly state: string;
  /** Why it ended, where it did. */
  readonly reason?: string;
  readonly address?: string;
  readonly pids: readonly number[];
  readonly since?: string;
}

/** What a group or service cannot do, in AWS's words. */
export interface Trouble {
  readonly region: string;
  readonly of: string;
  readonly at: string;
  readonly message: string;
}

export interface Fleet {
  readonly members: readonly FleetMember[];
  readonly troubles: readonly Trouble[];
}
