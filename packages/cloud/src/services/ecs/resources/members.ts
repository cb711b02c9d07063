/** Properties whose keys are the user's own. */
const maps: ReadonlySet<string> = new Set(["DockerLabels", "DriverOpts", "Labels", "Options"]);

/** Members that are numbers: a template may write them as texts. */
const numbers: ReadonlySet<string> = new Set([
  "BakeTimeInMinutes",
  "Base",
  "ContainerPort",
  "DesiredCount",
  "HardLimit",
  "HealthCheckGracePeriodSeconds",
  "HostPort",
  "IgnoredExitCodes",
  "Interval",
  "MaxSwap",
  "MaximumPercent",
  "MemoryReservation",
  "MinimumHealthyPercent",
  "RestartAttemptPeriod",
  "Retries",
  "SharedMemorySize",
  "Size",
  "SizeInGiB",
  "SoftLimit",
  "StartPeriod",
  "StartTimeout",
  "StopTimeout",
  "Swappiness",
  "Timeout",
  "Weight",
]);

const booleans: ReadonlySet<string> = new Set([
  "DisableNetworking",
  "Enable",
  "EnableECSManagedTags",
  "EnableExecuteCommand",
  "EnableFaultInjection",
  "Enabled",
  "Essential",
  "InitProcessEnabled",
  "Interactive",
  "Privileged",
  "PseudoTerminal",
  "ReadOnly",
  "ReadonlyRootFilesystem",
  "ResetOnHealthyTask",
  "Rollback",
]);

/** Sizes are texts of a task, and numbers of a container. */
const sizes: ReadonlySet<string> = new Set(["Cpu", "Memory"]);

function scalar(value: unknown, name: string, parent: string): unknown {
  if (numbers.has(name) || (sizes.has(name) && parent === "ContainerDefinitions")) return Number(value);
  if (name === "Value" && parent === "ThresholdConfiguration") return Number(value);
  if (booleans.has(name)) return value === true || value === "true";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}

/** A template's properties as the API's members: `PortMappings.ContainerPort` is `portMappings.containerPort`. */
export function toMembers(value: unknown, name = "", parent = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => toMembers(item, name, parent));
  if (typeof value !== "object" || value === null) return scalar(value, name, parent);
  return Object.fromEntries(
    Object.entries(value).map(([key, own]) =>
      maps.has(name)
        ? [key, String(own)]
        : [`${(key[0] ?? "").toLowerCase()}${key.slice(1)}`, toMembers(own, key, name)],
    ),
  );
}

type Tags = readonly { readonly Key: string; readonly Value: string }[];

/** The stack's tags and the template's, as the API takes them. */
export function tagMembers(stack: Tags, own: unknown): { key: string; value: string }[] {
  return [...stack, ...((own ?? []) as Tags)].map(({ Key: key, Value: value }) => ({ key, value }));
}

/** The properties of these names that are there. */
export function picked(
  properties: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    names.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])),
  );
}
