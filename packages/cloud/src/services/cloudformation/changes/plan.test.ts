import { describe, expect, it } from "vitest";
import type { ResourceType } from "../../../kernel/resource.ts";
import type { ResourceRow } from "../model.ts";
import type { JsonObject } from "../template/json.ts";
import { Unknown } from "../template/resolve.ts";
import { readSections } from "../template/sections.ts";
import { planChanges } from "./plan.ts";
import type { PlanInput } from "./plan.ts";

const unused = () => Promise.reject(new Error("a plan calls nothing"));
const type: ResourceType = {
  properties: ["Name", "Size", "Link", "Tags", "Deep"],
  replacedBy: ["Name", "Deep.Key"],
  create: unused,
  update: unused,
  remove: unused,
};

const row = (logicalId: string, properties: JsonObject, more: Partial<ResourceRow> = {}): ResourceRow => ({
  logicalId,
  type: "T",
  physicalId: `${logicalId}-1`,
  status: "CREATE_COMPLETE",
  statusReason: undefined,
  updatedAt: 0,
  properties,
  attributes: { Arn: `arn:${logicalId}` },
  metadata: undefined,
  deletionPolicy: undefined,
  updateReplacePolicy: undefined,
  dependsOn: [],
  addedIn: "s",
  pending: undefined,
  ...more,
});

function plan(resources: Record<string, JsonObject>, rows: readonly ResourceRow[], more: Partial<PlanInput> = {}) {
  const template = readSections({
    Resources: Object.fromEntries(
      Object.entries(resources).map(([id, definition]) => [id, { Type: "T", ...definition }]),
    ),
  });
  const byId = new Map(rows.map((one) => [one.logicalId, one]));
  return planChanges({
    template,
    previous: undefined,
    rows: byId,
    types: new Map([["T", type]]),
    tagsChanged: false,
    present: new Set(Object.keys(resources)),
    follow: (value) => value,
    environment: (isUnknown) => {
      const look = (id: string, attribute: string | undefined) => {
        const found = byId.get(id);
        return found === undefined || isUnknown(id)
          ? new Unknown([{ logicalId: id, attribute }])
          : attribute === undefined
            ? found.physicalId
            : `arn:${id}`;
      };
      return {
        parameter: () => undefined,
        condition: () => true,
        mappings: {},
        transforms: [],
        reference: (id) => look(id, undefined),
        attribute: look,
        exported: () => "",
        zones: () => [],
      };
    },
    ...more,
  }).map(({ action, logicalId, replacement, scope, policyAction }) => [
    action,
    logicalId,
    replacement,
    scope.join(),
    policyAction,
  ]);
}

describe("planChanges", () => {
  it("finds nothing where nothing changes, whatever the order of members", () => {
    expect(
      plan({ A: { Properties: { Deep: { x: 1, y: 2 }, Name: "n" } } }, [row("A", { Name: "n", Deep: { y: 2, x: 1 } })]),
    ).toEqual([]);
  });

  it("tells what is added, changed, replaced and removed", () => {
    expect(
      plan(
        {
          New: {},
          Small: { Properties: { Size: 2 } },
          Renamed: { Properties: { Name: "b" }, UpdateReplacePolicy: "Retain" },
          Deep: { Properties: { Deep: { Key: 2 } } },
          Soft: { Properties: { Deep: { Key: 1, x: 1 } } },
        },
        [
          row("Small", { Size: 1 }),
          row("Renamed", { Name: "a" }, { updateReplacePolicy: "Retain" }),
          row("Deep", { Deep: { Key: 1 } }),
          row("Soft", { Deep: { Key: 1 } }),
          row("Old", {}),
          row("Kept", {}, { deletionPolicy: "Retain" }),
        ],
      ),
    ).toEqual([
      ["Add", "New", undefined, "", undefined],
      ["Modify", "Small", "False", "Properties", undefined],
      ["Modify", "Renamed", "True", "Properties", "ReplaceAndRetain"],
      ["Modify", "Deep", "True", "Properties", "ReplaceAndDelete"],
      ["Modify", "Soft", "False", "Properties", undefined],
      ["Remove", "Old", undefined, "", "Delete"],
      ["Remove", "Kept", undefined, "", "Retain"],
    ]);
  });

  it("follows a replacement to what refers to it, also through others", () => {
    expect(
      plan(
        {
          Last: { Properties: { Size: { "Fn::GetAtt": ["Middle", "Arn"] } } },
          Middle: { Properties: { Name: { Ref: "First" } } },
          First: { Properties: { Name: "new" } },
        },
        [row("First", { Name: "old" }), row("Middle", { Name: "First-1" }), row("Last", { Size: "arn:Middle" })],
      ),
    ).toEqual([
      ["Modify", "Last", "False", "Properties", undefined],
      ["Modify", "Middle", "Conditional", "Properties", undefined],
      ["Modify", "First", "True", "Properties", "ReplaceAndDelete"],
    ]);
  });

  it("counts metadata, policies, tags and what has failed before", () => {
    expect(plan({ A: { Metadata: { x: 1 } } }, [row("A", {})])).toEqual([
      ["Modify", "A", "False", "Metadata", undefined],
    ]);
    expect(plan({ A: { DeletionPolicy: "Retain" } }, [row("A", {})])).toEqual([
      ["Modify", "A", "False", "DeletionPolicy", undefined],
    ]);
    expect(plan({ A: {} }, [row("A", {})], { tagsChanged: true })).toEqual([
      ["Modify", "A", "False", "Tags", undefined],
    ]);
    expect(plan({ A: {} }, [row("A", {}, { status: "UPDATE_FAILED" })])).toEqual([
      ["Modify", "A", "False", "Properties", undefined],
    ]);
    expect(plan({ A: {} }, [row("A", {}, { physicalId: undefined, status: "CREATE_FAILED" })])).toEqual([
      ["Add", "A", undefined, "", undefined],
    ]);
  });
});
