import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutCidr } from "./cidr.ts";
import { conditionsOf } from "./conditions.ts";
import { dynamicReferences } from "./dynamic-references.ts";
import { circle, inOrder } from "./graph.ts";
import type { Json, JsonObject } from "./json.ts";
import { jsonMistake } from "./json-mistake.ts";
import { expandLoops } from "./language-extensions.ts";
import { giveParameters, parameterValue } from "./parameters.ts";
import type { GivenParameter } from "./parameters.ts";
import { parseTemplate } from "./parse.ts";
import { Unknown, resolve, unknownsIn } from "./resolve.ts";
import type { Environment } from "./resolve.ts";
import { checkRules } from "./rules.ts";
import { readSections } from "./sections.ts";
import { validate } from "./validate.ts";

const resources = { R: { Type: "AWS::A::B" } };
const read = (more: JsonObject) => readSections({ Resources: resources, ...more });

describe("parseTemplate", () => {
  it.each([
    ["!Ref A", { Ref: "A" }],
    ["!GetAtt A.B.C", { "Fn::GetAtt": ["A", "B.C"] }],
    ["!GetAtt [A, B]", { "Fn::GetAtt": ["A", "B"] }],
    ["!Sub '${A}'", { "Fn::Sub": "${A}" }],
    ["!Sub ['${A}', {A: !Ref B}]", { "Fn::Sub": ["${A}", { A: { Ref: "B" } }] }],
    [
      "!If [C, !Select [0, !Split [',', x]], !Ref D]",
      { "Fn::If": ["C", { "Fn::Select": [0, { "Fn::Split": [",", "x"] }] }, { Ref: "D" }] },
    ],
    ["!Condition C", { Condition: "C" }],
    ["!GetAZs ''", { "Fn::GetAZs": "" }],
    ["2012-10-17", "2012-10-17"],
    ["22:22", "22:22"],
    ["yes", true],
    ["n", "n"],
    ["|\n  a\n  b\n", "a\nb\n"],
  ])("reads %s", (text, expected) => {
    expect(parseTemplate(`K: ${text}`)).toEqual({ K: expected });
  });

  it("keeps keys as they are written", () => {
    expect(parseTemplate("On: 1\n2012-10-17: x\n012: y")).toEqual({ On: 1, "2012-10-17": "x", "012": "y" });
  });

  it.each([
    ['{\n "a": 1,}', "Template format error: JSON not well-formed. (line 2, column 9)"],
    ['{"a": [1, 2', "Template format error: JSON not well-formed. (line 1, column 12)"],
    ['{"a": "\\x"}', "Template format error: JSON not well-formed. (line 1, column 8)"],
    ["a:\n  - b\n c: d", "Template format error: YAML not well-formed. (line 3, column 1)"],
    ["A: !Foo b", "Template format error: YAML not well-formed: the tag !Foo is not known. (line 1, column 9)"],
    [
      "a: &x [1]\nb: *x",
      "Template format error: YAML aliases are not allowed in CloudFormation templates. (line 2, column 4)",
    ],
    ["just text", "Template format error: unsupported structure."],
    ["A:\n  B:\n", "Template format error: [/A/B] 'null' values are not allowed in templates"],
  ])("refuses %j", (text, message) => {
    expect(() => parseTemplate(text)).toThrow(message);
  });

  it("finds the place where a text stops being JSON, whatever was done to it", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom("", "}", ",", '"', "\\", "x", "\u0001"),
        (text, seed, inserted) => {
          const at = seed % (text.length + 1);
          const broken = text.slice(0, at) + inserted + text.slice(inserted === "" ? at + 1 : at);
          const isJson = (() => {
            try {
              JSON.parse(broken);
              return true;
            } catch {
              return false;
            }
          })();
          const mistake = jsonMistake(broken);
          expect(mistake === undefined).toBe(isJson);
          if (mistake !== undefined) expect(mistake).toBeGreaterThanOrEqual(Math.min(at, broken.length) - 6);
        },
      ),
    );
    expect(jsonMistake(`{"a": "${"x".repeat(1_000_000)}`)).toBe(1_000_007);
  });

  it("refuses what is nested so deeply that it would exhaust the stack", () => {
    expect(() => parseTemplate(`{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`)).toThrow(
      "the template is nested too deeply.",
    );
    expect(() => parseTemplate(`a: ${"[".repeat(20_000)}`)).toThrow("Template format error: ");
  });
});

describe("validate", () => {
  const check = (raw: JsonObject) => () => validate(readSections(raw));
  const resource = (Properties: JsonObject, more: JsonObject = {}) => ({ Type: "AWS::A::B", Properties, ...more });

  it.each<[JsonObject, string]>([
    [{ Resources: {} }, "Template format error: At least one Resources member must be defined."],
    [{ Resources: resources, Foo: {} }, "Invalid template property or properties [Foo]"],
    [{ Resources: { A: {} } }, "[/Resources/A] Every Resources object must contain a Type member."],
    [{ Resources: { "a-b": resource({}) } }, "Resource name a-b is non alphanumeric."],
    [
      { Resources: { A: resource({}, { Propertys: {} }) } },
      "Invalid template resource property 'Propertys' in resource A",
    ],
    [
      { Resources: { A: resource({ x: { Ref: "B" }, y: { "Fn::Sub": "${C.Arn}" } }) } },
      "Template format error: Unresolved resource dependencies [B, C] in the Resources block of the template",
    ],
    [
      { Resources: { A: resource({}, { DependsOn: "B" }) } },
      "Unresolved resource dependencies [B] in the Resources block",
    ],
    [
      { Resources: { A: resource({ x: { "Fn::GetAtt": ["B", "Arn"] } }) } },
      "Template error: instance of Fn::GetAtt references undefined resource B",
    ],
    [
      { Resources: resources, Outputs: { O: { Value: { Ref: "B" } } } },
      "Unresolved resource dependencies [B] in the Outputs block",
    ],
    [
      {
        Resources: {
          A: resource({ x: { Ref: "B" } }),
          B: resource({ x: { "Fn::GetAtt": ["A", "y"] } }),
          C: resource({ x: { Ref: "A" } }),
        },
      },
      "Circular dependency between resources: [A, B]",
    ],
    [{ Resources: { A: resource({ x: { "Fn::Foo": 1 } }) } }, "Encountered unsupported function: Fn::Foo"],
    [
      { Resources: { A: resource({ x: { "Fn::Length": [1] } }) } },
      "Fn::Length needs the transform AWS::LanguageExtensions.",
    ],
    [
      { Resources: { A: resource({}, { Condition: "C" }) } },
      "Unresolved condition dependency C in the Resources block",
    ],
    [
      { Resources: resources, Conditions: { C: { Condition: "D" }, D: { "Fn::Not": [{ Condition: "C" }] } } },
      "circular condition dependency between conditions: [C, D]",
    ],
    [
      { Resources: resources, Conditions: { C: { "Fn::Equals": [{ Ref: "R" }, "x"] } } },
      "Cannot reference resources in the Conditions block",
    ],
    [{ Resources: { A: resource({}, { DeletionPolicy: "Keep" }) } }, "unrecognized DeletionPolicy Keep"],
    [{ Resources: resources, Parameters: { P: { Type: "Text" } } }, "Unrecognized parameter type: Text"],
    [{ Resources: resources, Transform: "Mine" }, "No transform named Mine found."],
    [
      { Resources: Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`R${n}`, resource({})])) },
      "Number of resources, 501, is greater than maximum allowed, 500",
    ],
  ])("refuses what is wrong: %#", (raw, message) => {
    expect(check(raw)).toThrow(message);
  });

  it("takes what refers to parameters, pseudo parameters and other resources", () => {
    expect(
      check({
        Parameters: { P: { Type: "String" } },
        Resources: {
          A: resource({
            x: { Ref: "P" },
            y: { "Fn::Sub": ["${AWS::Region} ${B.Arn} ${V} ${!L}", { V: { Ref: "B" } }] },
          }),
          B: resource({}),
        },
      }),
    ).not.toThrow();
  });
});

const environment = (more: Partial<Environment> = {}): Environment => ({
  parameter: (name) => ({ P: "p", L: ["a", "b"], "AWS::Region": "eu-west-1" })[name],
  condition: (name) => name === "Yes",
  mappings: { M: { top: { one: "1", list: ["x", "y"] } } },
  transforms: [],
  reference: (id) => ({ R: "r-1", U: new Unknown([{ logicalId: "U", attribute: undefined }]) })[id],
  attribute: (id, name) =>
    id === "U" ? new Unknown([{ logicalId: "U", attribute: name }]) : name === "Arn" ? `arn:${id}` : undefined,
  exported: (name) => `exported ${name}`,
  zones: (region) => [`${region}a`, `${region}b`],
  ...more,
});

describe("resolve", () => {
  it.each<[Json, unknown]>([
    [{ Ref: "P" }, "p"],
    [{ Ref: "R" }, "r-1"],
    [{ a: { Ref: "AWS::NoValue" }, b: [{ Ref: "AWS::NoValue" }, 1] }, { b: [1] }],
    [{ "Fn::GetAtt": ["R", "Arn"] }, "arn:R"],
    [{ "Fn::Join": ["-", ["a", { Ref: "P" }, 3]] }, "a-p-3"],
    [{ "Fn::Join": [",", { Ref: "L" }] }, "a,b"],
    [{ "Fn::Split": ["|", "a||b"] }, ["a", "", "b"]],
    [{ "Fn::Select": ["1", { Ref: "L" }] }, "b"],
    [{ "Fn::Sub": "${P}/${R.Arn}/${!P}/$x" }, "p/arn:R/${P}/$x"],
    [{ "Fn::Sub": ["${V}", { V: { "Fn::Join": ["", ["q"]] } }] }, "q"],
    [{ "Fn::If": ["Yes", "y", { Ref: "Nothing" }] }, "y"],
    [{ a: { "Fn::If": ["No", "y", { Ref: "AWS::NoValue" }] } }, {}],
    [{ "Fn::FindInMap": ["M", "top", "list"] }, ["x", "y"]],
    [{ "Fn::Base64": "hé" }, "aMOp"],
    [{ "Fn::GetAZs": "" }, ["eu-west-1a", "eu-west-1b"]],
    [{ "Fn::ImportValue": { "Fn::Sub": "${P}-x" } }, "exported p-x"],
    [{ "Fn::Cidr": ["10.0.0.0/16", 2, "8"] }, ["10.0.0.0/24", "10.0.1.0/24"]],
    [
      { Ref: "P", Other: 1 },
      { Ref: "P", Other: 1 },
    ],
  ])("gives %j", (value, expected) => {
    expect(resolve(value, environment())).toEqual(expected);
  });

  it("has more functions with the language extensions", () => {
    const env = environment({ transforms: ["AWS::LanguageExtensions"] });
    expect(resolve({ "Fn::Length": { Ref: "L" } }, env)).toBe(2);
    expect(resolve({ "Fn::ToJsonString": { a: { Ref: "P" } } }, env)).toBe('{"a":"p"}');
    expect(resolve({ "Fn::FindInMap": ["M", "top", "none", { DefaultValue: "d" }] }, env)).toBe("d");
  });

  it.each<[Json, string]>([
    [{ "Fn::Select": [2, { Ref: "L" }] }, "Fn::Select cannot select nonexistent value at index 2"],
    [{ "Fn::FindInMap": ["M", "top", "none"] }, "Unable to get mapping for M::top::none"],
    [{ "Fn::GetAtt": ["R", "Nope"] }, "resource R does not support attribute type Nope in Fn::GetAtt"],
    [{ Ref: "Gone" }, "Unresolved resource dependencies [Gone]"],
    [{ "Fn::Transform": { Name: "X" } }, "calls a macro"],
  ])("refuses %j", (value, message) => {
    expect(() => resolve(value, environment())).toThrow(message);
  });

  it("tells what a value waits for, and what does not wait stays known", () => {
    const value = resolve(
      { known: { Ref: "P" }, sub: { "Fn::Sub": "${U.Arn}/${R}" }, list: [{ "Fn::Join": ["", [{ Ref: "U" }]] }] },
      environment(),
    );
    expect(value).toMatchObject({ known: "p" });
    expect(unknownsIn(value)).toEqual([
      { logicalId: "U", attribute: "Arn" },
      { logicalId: "U", attribute: undefined },
    ]);
  });
});

describe("conditions", () => {
  it("are decided by logic, whatever their order", () => {
    const condition = conditionsOf(
      {
        All: {
          "Fn::And": [
            { Condition: "Is" },
            {
              "Fn::Or": [
                { "Fn::Equals": ["1", "2"] },
                { "Fn::Not": [{ "Fn::Equals": ["true", true] }] },
                { Condition: "Is" },
              ],
            },
          ],
        },
        Is: { "Fn::Equals": [{ Ref: "P" }, "p"] },
      },
      (decide) => environment({ condition: decide }),
    );
    expect([condition("All"), condition("Is")]).toEqual([true, true]);
    expect(() => condition("Other")).toThrow("unresolved condition dependency Other");
  });
});

describe("rules", () => {
  const template = read({
    Parameters: { P: { Type: "String" } },
    Rules: {
      Known: {
        Assertions: [{ Assert: { "Fn::Contains": [["p", "q"], { Ref: "P" }] }, AssertDescription: "P is p or q" }],
      },
      Lists: {
        RuleCondition: { "Fn::Equals": [{ Ref: "P" }, "p"] },
        Assertions: [
          { Assert: { "Fn::EachMemberIn": [{ Ref: "L" }, ["a", "b", "c"]] } },
          { Assert: { "Fn::Not": [{ "Fn::EachMemberEquals": [{ Ref: "L" }, "a"] }] } },
        ],
      },
    },
  });
  it("name the assertion that does not hold", () => {
    expect(() => checkRules(template, environment())).not.toThrow();
    expect(() => checkRules(template, environment({ parameter: () => "x" }))).toThrow("Known: P is p or q");
  });
});

describe("parameters", () => {
  const definitions = (one: JsonObject) => read({ Parameters: { P: { Type: "String", ...one } } }).parameters;
  const given = (value?: string): GivenParameter[] =>
    value === undefined ? [] : [{ key: "P", value, usePrevious: false }];

  it.each<[JsonObject, string | undefined, string]>([
    [{}, undefined, "Parameters: [P] must have values"],
    [{ Type: "Number" }, "x", "Parameter 'P' must be a number"],
    [{ Type: "List<Number>" }, "1, x", "Parameter 'P' must be a number"],
    [{ AllowedValues: ["a"] }, "b", "Parameter 'P' must be one of AllowedValues"],
    [{ AllowedPattern: "[a-z]+" }, "a1", "Parameter 'P' must match pattern [a-z]+"],
    [{ MinLength: "2" }, "a", "Parameter 'P' must contain at least 2 characters"],
    [{ MaxLength: 1 }, "ab", "Parameter 'P' must contain at most 1 characters"],
    [{ Type: "Number", MaxValue: 5 }, "6", "Parameter 'P' must be a number not greater than 5"],
    [{ AllowedPattern: "x", ConstraintDescription: "be x" }, "y", "Parameter P failed to satisfy constraint: be x"],
  ])("refuse %j with %j", (definition, value, message) => {
    expect(() => giveParameters(definitions(definition), given(value), undefined)).toThrow(message);
  });

  it("come from the request, the stack or the default", () => {
    expect(giveParameters(definitions({ Default: 1 }), [], { P: "old" })).toEqual({ P: "1" });
    expect(giveParameters(definitions({}), [{ key: "P", value: undefined, usePrevious: true }], { P: "old" })).toEqual({
      P: "old",
    });
    expect(() => giveParameters(definitions({}), [{ key: "Q", value: "1", usePrevious: false }], undefined)).toThrow(
      "Parameters: [Q] do not exist in the template",
    );
  });

  it("split lists", () => {
    expect(parameterValue("CommaDelimitedList", "a, b ,c")).toEqual(["a", "b", "c"]);
    expect(parameterValue("CommaDelimitedList", "")).toEqual([]);
    expect(parameterValue("AWS::SSM::Parameter::Value<List<String>>", "x,y")).toEqual(["x", "y"]);
  });
});

describe("cutCidr", () => {
  it.each<[string, number, number, string[]]>([
    ["192.168.0.0/24", 3, 5, ["192.168.0.0/27", "192.168.0.32/27", "192.168.0.64/27"]],
    ["10.1.2.3/8", 2, 16, ["10.0.0.0/16", "10.1.0.0/16"]],
    ["2001:db8::/56", 2, 64, ["2001:db8::/64", "2001:db8:0:1::/64"]],
  ])("cuts %s into %i of %i bits", (block, count, bits, expected) => {
    expect(cutCidr(block, count, bits)).toEqual(expected);
  });
  it.each<[string, number, number]>([
    ["10.0.0.0/24", 3, 7],
    ["10.0.0/24", 1, 4],
    ["10.0.0.0/33", 1, 4],
    ["10.0.0.0/24", 0, 4],
  ])("refuses %s, %i, %i", (block, count, bits) => {
    expect(() => cutCidr(block, count, bits)).toThrow("Fn::Cidr");
  });
});

describe("dynamicReferences", () => {
  it.each([
    ["a{{resolve:ssm:/x/y:3}}b", { service: "ssm", name: "/x/y", version: "3" }],
    ["{{resolve:ssm-secure:x}}", { service: "ssm-secure", name: "x", version: undefined }],
    ["{{resolve:secretsmanager:s}}", { secretId: "s", key: undefined }],
    ["{{resolve:secretsmanager:s:SecretString:k::}}", { secretId: "s", key: "k", stage: undefined }],
    [
      "{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-AbCdEf:SecretString:k:AWSPREVIOUS}}",
      { secretId: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-AbCdEf", key: "k", stage: "AWSPREVIOUS" },
    ],
  ])("reads %s", (text, expected) => {
    expect(dynamicReferences(text)).toMatchObject([expected]);
  });
  it("refuses malformed ones", () => {
    expect(() => dynamicReferences("{{resolve:ssm:a b}}")).toThrow(
      "Incorrect format is used in the following dynamic reference: [{{resolve:ssm:a b}}]",
    );
    expect(() => dynamicReferences("{{resolve:vault:a}}")).toThrow("Incorrect format");
  });
});

describe("expandLoops", () => {
  it("writes loops out, nested ones and those over parameters too", () => {
    const expanded = expandLoops(
      {
        Resources: {
          "Fn::ForEach::Each": [
            "Name",
            { Ref: "L" },
            {
              "Q&{Name}": {
                Type: "T",
                Properties: {
                  N: "${Name}",
                  R: { Ref: "Name" },
                  "Fn::ForEach::In": ["X", ["1", "2"], { "K${X}": "${Name}${X}" }],
                },
              },
            },
          ],
        },
      },
      () => ["a.b", "c"],
    );
    expect(expanded).toEqual({
      Resources: {
        Qab: { Type: "T", Properties: { N: "a.b", R: "a.b", K1: "a.b1", K2: "a.b2" } },
        Qc: { Type: "T", Properties: { N: "c", R: "c", K1: "c1", K2: "c2" } },
      },
    });
  });
  it("refuses what would fill the memory, and keys that are there twice", () => {
    const many = Array.from({ length: 200 }, (_, n) => `${n}`);
    expect(() =>
      expandLoops(
        { A: { "Fn::ForEach::A": ["X", many, { "a${X}": { "Fn::ForEach::B": ["Y", many, { "b${Y}": "1" }] } }] } },
        () => undefined,
      ),
    ).toThrow("more than 20000 members");
    expect(() => expandLoops({ A: { "Fn::ForEach::A": ["X", ["a", "b"], { k: 1 }] } }, () => undefined)).toThrow(
      "the key k is there more than once",
    );
  });
});

describe("graphs", () => {
  const graph = (edges: Record<string, string[]>) =>
    new Map(Object.entries(edges).map(([name, before]) => [name, new Set(before)]));
  it("finds circles without what leads to them", () => {
    expect(circle(graph({ a: ["b"], b: ["c"], c: ["b"], d: [], e: ["d"] }))).toEqual(["b", "c"]);
    expect(circle(graph({ a: ["a"], b: [] }))).toEqual(["a"]);
    expect(circle(graph({ a: [], b: ["a"], c: ["a", "b"] }))).toEqual([]);
  });
  it("orders by dependency", () => {
    expect(inOrder(graph({ c: ["b"], b: ["a"], a: [] }))).toEqual(["a", "b", "c"]);
  });
});
