import { join } from "node:path";
import { Readable } from "node:stream";
import type { Capability } from "@aws-sdk/client-cloudformation";
import { TrysailError } from "@trysail/core";
import { readFromArchive } from "../archive.ts";
import { downloadObject } from "../artifacts.ts";
import type { StackContent } from "./cloudformation.ts";
import type { Work } from "./provider.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const largestTemplateBytes = 1024 * 1024;
const largestInlineBytes = 51_200;

const wrong = (message: string) => new TrysailError("invalid-configuration", message, { fault: "user" });

/** Reads `Artifact::path/in/it`, downloading each artifact once. */
function artifactReader({ input, storing, folder }: Work) {
  const downloads = new Map<string, Promise<string>>();
  const download = (name: string): Promise<string> => {
    const artifact = input.inputs.find((one) => one.name === name);
    if (artifact === undefined) throw wrong(`${name} is not one of the action's input artifacts.`);
    const file = join(folder, `${name}.zip`);
    const started = downloads.get(name) ?? downloadObject(storing, artifact, file).then(() => file);
    downloads.set(name, started);
    return started;
  };
  return async (name: string, path: string): Promise<string> => {
    const content = await readFromArchive(await download(name), path, largestTemplateBytes);
    if (content === undefined) throw wrong(`The file ${path} was not found in the artifact ${name}.`);
    return content.toString();
  };
}

function parsed(what: string, json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw wrong(`The ${what} is not valid JSON: ${error instanceof Error ? error.message : ""}`);
  }
  throw wrong(`The ${what} is not a JSON object.`);
}

/** The template, and what the template configuration and the parameter overrides say. The overrides win. */
export async function readContent(work: Work): Promise<StackContent> {
  const { input } = work;
  const {
    TemplatePath = "",
    TemplateConfiguration,
    ParameterOverrides,
    Capabilities = "",
    RoleArn,
  } = input.configuration;
  const read = artifactReader(work);
  const readPath = (path: string) => {
    const [name = "", file = ""] = path.split("::");
    return read(name, file);
  };
  const template = /^https?:/.test(TemplatePath)
    ? { TemplateURL: TemplatePath }
    : await templateOf(work, await readPath(TemplatePath));
  const configuration =
    TemplateConfiguration === undefined
      ? {}
      : parsed(`template configuration ${TemplateConfiguration}`, await readPath(TemplateConfiguration));
  const parameters = new Map(
    Object.entries((configuration["Parameters"] ?? {}) as Record<string, unknown>).map(([key, value]) => [
      key,
      textOf(value),
    ]),
  );
  for (const [key, value] of Object.entries(
    ParameterOverrides === undefined ? {} : parsed("ParameterOverrides", ParameterOverrides),
  )) {
    parameters.set(key, await overrideOf(work, read, key, value));
  }
  return {
    template,
    parameters: [...parameters].map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    tags: Object.entries((configuration["Tags"] ?? {}) as Record<string, string>).map(([Key, Value]) => ({
      Key,
      Value,
    })),
    capabilities: Capabilities.split(",")
      .map((text) => text.trim())
      .filter((text) => text !== "") as Capability[],
    roleArn: RoleArn,
  };
}

/** A template that is too long for the request goes by way of the artifact store. */
async function templateOf({ storing, input, record }: Work, text: string): Promise<StackContent["template"]> {
  const [artifact] = input.inputs;
  if (Buffer.byteLength(text) <= largestInlineBytes || artifact === undefined) return { TemplateBody: text };
  const key = `${record.pipeline.slice(0, 20)}/Templates/${record.id}`;
  await storing.call.s3.putObject({
    Bucket: artifact.bucket,
    Key: key,
    Body: Readable.from([Buffer.from(text)]),
    ContentLength: Buffer.byteLength(text),
  });
  return { TemplateURL: `${storing.host.endpoint}/${artifact.bucket}/${key}` };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * A parameter's value: a text, or one of the two functions that read artifacts.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-parameter-override-functions.html
 */
async function overrideOf(
  { input }: Work,
  read: (artifact: string, path: string) => Promise<string>,
  key: string,
  value: unknown,
): Promise<string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return textOf(value);
  const [[name, given] = ["", []]] = Object.entries(value as Record<string, unknown>);
  const parts = Array.isArray(given) ? given.map(String) : [];
  switch (name) {
    case "Fn::GetArtifactAtt": {
      const [artifactName, attribute = ""] = parts;
      const artifact = input.inputs.find((one) => one.name === artifactName);
      if (artifact === undefined)
        throw wrong(`The override of ${key} names ${artifactName}, which is not one of the action's input artifacts.`);
      const attributes = new Map([
        ["BucketName", artifact.bucket],
        ["ObjectKey", artifact.key],
        ["URL", `https://s3.amazonaws.com/${artifact.bucket}/${artifact.key}`],
      ]);
      const found = attributes.get(attribute);
      if (found === undefined)
        throw wrong(`The override of ${key} asks for the attribute ${attribute}, which artifacts do not have.`);
      return found;
    }
    case "Fn::GetParam": {
      const [artifact = "", file = "", member = ""] = parts;
      const content = parsed(`file ${file} of the artifact ${artifact}`, await read(artifact, file));
      if (!Object.hasOwn(content, member))
        throw wrong(`The override of ${key} asks for ${member}, which the file ${file} does not have.`);
      return textOf(content[member]);
    }
    default:
      throw wrong(`The override of ${key} is neither a text nor Fn::GetArtifactAtt or Fn::GetParam.`);
  }
}
