import { TemplateError } from "./template-error.ts";

/** A reference to a value that is kept elsewhere, written inside of a text. */
export type DynamicReference =
  | { readonly service: "ssm"; readonly text: string; readonly name: string; readonly version: string | undefined }
  | {
      readonly service: "ssm-secure";
      readonly text: string;
      readonly name: string;
      readonly version: string | undefined;
    }
  | {
      readonly service: "secretsmanager";
      readonly text: string;
      readonly secretId: string;
      /** A member of the secret's JSON; the whole text where it is undefined. */
      readonly key: string | undefined;
      readonly stage: string | undefined;
      readonly versionId: string | undefined;
    };

const form = /\{\{resolve:([^:}]+):([^{}]+)\}\}/g;

/**
 * The dynamic references in a text.
 *
 * @throws TemplateError for one that is malformed
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
 */
export function dynamicReferences(text: string): readonly DynamicReference[] {
  return text.includes("{{resolve:")
    ? [...text.matchAll(form)].map(([whole, service = "", rest = ""]) => read(whole, service, rest))
    : [];
}

function read(text: string, service: string, rest: string): DynamicReference {
  if (service === "ssm" || service === "ssm-secure") {
    const [, name, version] = /^([a-zA-Z0-9_.\-/]+)(?::(\d+))?$/.exec(rest) ?? [];
    if (name !== undefined) return { service, text, name, version };
  }
  if (service === "secretsmanager") {
    const [, secretId, tail = ""] =
      /^(arn:[^:]+:secretsmanager:[^:]*:\d{12}:secret:[^:]+|[^:]+)(:.*)?$/.exec(rest) ?? [];
    const [kind, key, stage, versionId, ...more] = tail.split(":").slice(1);
    const isWhole = kind === undefined || kind === "" || kind === "SecretString";
    if (secretId !== undefined && isWhole && more.length === 0) {
      return {
        service,
        text,
        secretId,
        key: key || undefined,
        stage: stage || undefined,
        versionId: versionId || undefined,
      };
    }
  }
  throw new TemplateError(`Incorrect format is used in the following dynamic reference: [${text}]`);
}

/** Puts values in the place of references; leaves those that `valueOf` has none for. */
export function replaceDynamic(value: unknown, valueOf: (reference: DynamicReference) => string | undefined): unknown {
  if (typeof value === "string") {
    if (!value.includes("{{resolve:")) return value;
    return value.replace(
      form,
      (text: string, service: string, rest: string) => valueOf(read(text, service, rest)) ?? text,
    );
  }
  if (Array.isArray(value)) return value.map((item) => replaceDynamic(item, valueOf));
  // Anything but plain data is left alone: it stands for what is not known yet.
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceDynamic(item, valueOf)]));
}
