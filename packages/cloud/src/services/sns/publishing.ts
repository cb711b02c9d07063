import type { PublishInput } from "@aws-sdk/client-sns";
import { errors, invalid } from "./errors.ts";
import { limits } from "./limits.ts";
import type { MessageAttribute, Protocol } from "./model.ts";

export type GivenMessage = Pick<
  PublishInput,
  "Subject" | "MessageStructure" | "MessageAttributes" | "MessageDeduplicationId" | "MessageGroupId"
> & { readonly Message: string };

/** A message that was checked. */
export interface ReadMessage {
  readonly text: string;
  /** The texts of protocols that get their own, with the one of the others as `default`. */
  readonly texts: Readonly<Record<string, unknown>> | undefined;
  readonly subject: string | undefined;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** Of text and attributes together. */
  readonly bytes: number;
}

/**
 * Checks what is published.
 *
 * @throws AwsError `InvalidParameter`, `ParameterValueInvalid`
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function readMessage(given: GivenMessage): ReadMessage {
  const { Message: text, Subject: subject } = given;
  if (given.MessageGroupId !== undefined || given.MessageDeduplicationId !== undefined) {
    const name = given.MessageGroupId === undefined ? "MessageDeduplicationId" : "MessageGroupId";
    throw invalid(name, `The request includes ${name} parameter that is not valid for this topic type`);
  }
  if (text === "") throw invalid("Empty message");
  if (Buffer.byteLength(text) > limits.messageBytes) throw invalid("Message too long");
  // No line breaks, and no other control characters.
  if (subject !== undefined && (subject.length > limits.subjectCharacters || !/^\P{Cc}+$/u.test(subject)))
    throw invalid("Subject");
  const { attributes, bytes } = readAttributes(given.MessageAttributes ?? {});
  return {
    text,
    texts: readTexts(text, given.MessageStructure),
    subject,
    attributes,
    bytes: bytes + Buffer.byteLength(text),
  };
}

function readTexts(text: string, structure: string | undefined): ReadMessage["texts"] {
  if (structure === undefined || structure === "") return undefined;
  if (structure !== "json") throw invalid("Message Structure - No valid message structure");
  let texts: unknown;
  try {
    texts = JSON.parse(text);
  } catch {
    throw invalid("Message Structure - JSON message body failed to parse");
  }
  if (typeof texts !== "object" || texts === null || Array.isArray(texts))
    throw invalid("Message Structure - JSON message body failed to parse");
  if (typeof (texts as { readonly default?: unknown }).default !== "string")
    throw invalid("Message Structure - No default entry in JSON message body");
  return texts as Readonly<Record<string, unknown>>;
}

/** What subscribers of a protocol get. */
export function textFor({ text, texts }: ReadMessage, protocol: Protocol): string {
  const own = texts?.[protocol] ?? texts?.["default"];
  return typeof own === "string" ? own : text;
}

function readAttributes(given: NonNullable<PublishInput["MessageAttributes"]>) {
  const attributes: Record<string, MessageAttribute> = {};
  let bytes = 0;
  for (const [name, { DataType: type = "", StringValue: text, BinaryValue: binary }] of Object.entries(given)) {
    const wrong = (what: string) => errors.ParameterValueInvalid(`The message attribute '${name}' ${what}`);
    if (!/^(?!\.)(?!.*\.$)(?!.*\.\.)(?!aws\.|amazon\.)[\w.-]{1,256}$/i.test(name))
      throw errors.ParameterValueInvalid(
        "The message attribute name can contain the alphanumeric characters, underscores, hyphens and periods. The attribute name can be up to 256 characters long.",
      );
    if (!/^(?:String|Number|Binary)(?:\..+)?$/.test(type))
      throw wrong(
        "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
      );
    const isBinary = type.startsWith("Binary");
    const value = isBinary ? Buffer.from(binary ?? []).toString("base64") : text;
    if (value === undefined || value === "")
      throw wrong(`must contain a non-empty message attribute value for message attribute type '${type}'.`);
    if (type.startsWith("Number") && !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value))
      throw wrong("with type Number must use a valid number value. Could not cast message attribute value to number.");
    attributes[name] = { Type: type, Value: value };
    bytes +=
      Buffer.byteLength(name) + Buffer.byteLength(type) + (isBinary ? (binary?.length ?? 0) : Buffer.byteLength(value));
  }
  return { attributes, bytes };
}
