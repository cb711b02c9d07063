/**
 * Writes `generated/schemas/<id>.json`, one for each AWS client package that this package lists in its
 * devDependencies: what the wire needs of the schemas that the client exports, in the form of src/wire/snapshot.ts.
 *
 * Does nothing where the snapshot is already of these client versions. Plain JavaScript, since it runs before anything
 * is compiled.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// A schema is an array: [kind, namespace, name, traits, …]. A reference to one may be a thunk, a leaf's number, or a
// pair of a reference and a member's traits.
const LIST = 1;
const MAP = 2;
const STRUCTURE = 3;
const ERROR = -3;
const UNION = 4;
const OPERATION = 9;

const LIST_OF = 64;
const MAP_OF = 128;

/** Leaf numbers, by the names of src/wire/shape.ts. A number that is not here fails the build: a codec would lack it. */
const LEAVES = new Map([
  [0, "string"],
  [1, "number"],
  [2, "boolean"],
  [4, "timestamp"],
  [5, "date-time"],
  [6, "http-date"],
  [7, "epoch-seconds"],
  [15, "document"],
  [21, "blob"],
  [42, "stream"],
]);

/** What the bits of a member's traits mean, lowest first. */
const TRAIT_BITS = [
  "httpLabel",
  "idempotent",
  "idempotencyToken",
  "sensitive",
  "httpPayload",
  "httpResponseCode",
  "httpQueryParams",
];

/** Traits that a codec looks at. */
const KEPT_TRAITS = [
  "awsQueryError",
  "ec2QueryName",
  "error",
  "eventPayload",
  "http",
  "httpError",
  "httpHeader",
  "httpLabel",
  "httpPayload",
  "httpPrefixHeaders",
  "httpQuery",
  "httpQueryParams",
  "httpResponseCode",
  "idempotencyToken",
  "jsonName",
  "mediaType",
  "sparse",
  "streaming",
  "xmlAttribute",
  "xmlFlattened",
  "xmlName",
  "xmlNamespace",
];

/** Traits of a shape that do not pass on to the members which refer to it. */
const OWN_TRAITS = new Set(["xmlName", "error", "httpError", "awsQueryError"]);

const here = createRequire(import.meta.url);
const packageFolder = new URL("../", import.meta.url);
const outputFolder = new URL("generated/schemas/", packageFolder);

const clients = Object.keys(JSON.parse(readFileSync(new URL("package.json", packageFolder), "utf8")).devDependencies)
  .filter((name) => name.startsWith("@aws-sdk/client-"))
  .sort();

const stamp = stampOf();
if (stampOnDisk() !== stamp) {
  // Says that it wants a newer Node, at every client.
  process.emitWarning = () => {};
  mkdirSync(outputFolder, { recursive: true });
  const ids = [];
  for (const client of clients) {
    const snapshot = await snapshotOf(client);
    writeJson(`${snapshot.id}.json`, snapshot);
    ids.push(snapshot.id);
  }
  // Last, so that an interrupted run is not taken for a whole one.
  writeJson("index.json", { stamp, ids: ids.sort((one, other) => (one < other ? -1 : 1)) });
}

/** @returns {string} what the snapshot depends on: the clients' versions and this script. */
function stampOf() {
  const hash = createHash("sha256").update(readFileSync(fileURLToPath(import.meta.url)));
  for (const client of clients) {
    const { version } = JSON.parse(readFileSync(here.resolve(`${client}/package.json`), "utf8"));
    hash.update(`${client}@${version}\n`);
  }
  return hash.digest("hex");
}

/** @returns {string | undefined} */
function stampOnDisk() {
  try {
    return JSON.parse(readFileSync(new URL("index.json", outputFolder), "utf8")).stamp;
  } catch {
    return undefined;
  }
}

/** Writes whole or not at all: another build, or a server, may be at the same folder. */
function writeJson(name, value) {
  const temporary = new URL(`${name}.${process.pid}.tmp`, outputFolder);
  writeFileSync(temporary, JSON.stringify(value));
  renameSync(temporary, new URL(name, outputFolder));
}

async function snapshotOf(client) {
  const sdk = await import(here.resolve(client));
  const config = await configOf(client, sdk);
  const shapes = [];
  const indexes = new Map();
  const operations = [];
  const errors = [];
  for (const [name, schema] of Object.entries(sdk)) {
    if (!name.endsWith("$") || !Array.isArray(schema)) continue;
    if (schema[0] === OPERATION) {
      const [, , operation, traits, input, output] = schema;
      operations.push([operation, refOf(input), refOf(output), kept(traits).http ?? 0]);
    } else if (schema[0] === ERROR && !schema[1].startsWith("smithy.ts.sdk.synthetic.")) {
      errors.push(refOf(schema));
    }
  }
  if (operations.length === 0) throw new Error(`${client} exports no operation schemas.`);
  return { ...config, operations, errors, shapes };

  /** Index into `shapes`, or a leaf's name; "unit" is nothing at all. */
  function refOf(reference) {
    let schema = deref(reference);
    if (schema === "unit") return "unit";
    if (Array.isArray(schema) && schema[0] === 0) schema = deref(schema[4]);
    if (typeof schema === "number") return leafRef(schema);
    const known = indexes.get(schema);
    if (known !== undefined) return known;
    const index = shapes.length;
    indexes.set(schema, index);
    // Takes its place before its members are looked at: shapes refer to themselves.
    shapes.push(null);
    shapes[index] = shapeOf(schema);
    return index;
  }

  function leafRef(number) {
    if (number >= MAP_OF) return shared(number, () => ["map", ["string", 0], [leafRef(number - MAP_OF), 0]]);
    if (number >= LIST_OF) return shared(number, () => ["list", [leafRef(number - LIST_OF), 0]]);
    const leaf = LEAVES.get(number);
    if (leaf === undefined)
      throw new Error(`${client}: the schemas use leaf number ${number}, which the wire does not know.`);
    return leaf;
  }

  function shared(key, make) {
    const known = indexes.get(key);
    if (known !== undefined) return known;
    const shape = make();
    indexes.set(key, shapes.length);
    return shapes.push(shape) - 1;
  }

  function shapeOf(schema) {
    const [kind, , name, traits] = schema;
    switch (kind) {
      case LIST:
        return ["list", targetOf(schema[4])];
      case MAP:
        return ["map", targetOf(schema[4]), targetOf(schema[5])];
      case STRUCTURE:
      case UNION:
      case ERROR: {
        const members = schema[4].map((member, at) => [member, ...targetOf(schema[5][at])]);
        return [kind === UNION ? "union" : "structure", name, members, schema[6] ?? 0, traitsOrNone(kept(traits))];
      }
      default:
        throw new Error(`${client}: ${name} is of kind ${kind}, which the wire does not know.`);
    }
  }

  /** A reference with the traits that hold for it there: the target's own, overridden by the member's. */
  function targetOf(reference) {
    let target = deref(reference);
    let traits = {};
    while (Array.isArray(target) && target.length === 2) {
      traits = { ...kept(target[1]), ...traits };
      target = deref(target[0]);
    }
    if (Array.isArray(target)) {
      const own = Object.entries(kept(target[3])).filter(([name]) => !OWN_TRAITS.has(name));
      traits = { ...Object.fromEntries(own), ...traits };
    }
    return [refOf(target), traitsOrNone(traits)];
  }
}

/** The service's names and protocol, as its client is configured. */
async function configOf(client, sdk) {
  const name = Object.keys(sdk).find((key) => /^[A-Za-z0-9]+Client$/.test(key) && typeof sdk[key] === "function");
  const instance = new sdk[name]({ region: "us-east-1", credentials: { accessKeyId: "x", secretAccessKey: "x" } });
  const { protocol, protocolSettings, serviceId, apiVersion, defaultSigningName } = instance.config;
  const snapshot = {
    id: defaultSigningName,
    sdkId: serviceId,
    protocol: protocol
      .getShapeId()
      .replace(/^.*#/, "")
      .replace(/^awsQuery$/, "query"),
    version: protocolSettings.version ?? apiVersion,
    target: protocolSettings.serviceTarget,
    xmlNamespace: protocolSettings.xmlNamespace,
    queryCompatible: protocolSettings.awsQueryCompatible === true,
  };
  instance.destroy();
  for (const key of ["id", "sdkId", "version", "target"]) {
    if (typeof snapshot[key] !== "string") throw new Error(`${client} does not tell its ${key}.`);
  }
  return snapshot;
}

function deref(reference) {
  return typeof reference === "function" ? reference() : reference;
}

function kept(traits) {
  const all =
    typeof traits === "number"
      ? Object.fromEntries(TRAIT_BITS.filter((_, bit) => (traits >> bit) & 1).map((name) => [name, 1]))
      : (traits ?? {});
  return Object.fromEntries(KEPT_TRAITS.filter((name) => all[name] !== undefined).map((name) => [name, all[name]]));
}

function traitsOrNone(traits) {
  return Object.keys(traits).length === 0 ? 0 : traits;
}
