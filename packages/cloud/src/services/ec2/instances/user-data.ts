import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import { messageOf } from "@trysail/core";

/** A script that an instance runs at its first boot. */
export interface Script {
  /** Says where it is from, in the console's log. */
  readonly name: string;
  readonly text: string;
}

export interface UserData {
  readonly scripts: readonly Script[];
  /** What of it is not carried out, in sentences for the console's log. */
  readonly complaints: readonly string[];
}

const longestUnpackedBytes = 1024 * 1024;

/**
 * Reads user data as cloud-init does: a script, a cloud-config, or a MIME message of several. What begins with no known
 * mark is run by `sh`.
 *
 * @param encoded - in base64
 * @see https://cloudinit.readthedocs.io/en/latest/explanation/format.html
 */
export function parseUserData(encoded: string): UserData {
  const bytes = Buffer.from(encoded, "base64");
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return parsePart("user data", bytes.toString("utf8"));
  try {
    return parsePart("user data", gunzipSync(bytes, { maxOutputLength: longestUnpackedBytes }).toString("utf8"));
  } catch (error) {
    return { scripts: [], complaints: [`The user data cannot be unpacked: ${messageOf(error)}`] };
  }
}

function parsePart(name: string, text: string): UserData {
  if (text.trim() === "") return { scripts: [], complaints: [] };
  if (/^content-type:\s*multipart\//im.test(headOf(text))) return parseMultipart(text);
  if (text.startsWith("#cloud-config")) return parseCloudConfig(name, text);
  const mark =
    /^#(include(-once)?|cloud-boothook|part-handler|upstart-job)\b/.exec(text)?.[0] ??
    /^## template: jinja/.exec(text)?.[0];
  if (mark !== undefined)
    return { scripts: [], complaints: [`${name}: ${mark} is not supported. It is not carried out.`] };
  return { scripts: [{ name, text }], complaints: [] };
}

/** Up to the first empty line, where that looks like the head of a message. */
function headOf(text: string): string {
  const head = text.split(/\r?\n\r?\n/, 1)[0] ?? "";
  return /^[\w-]+:/.test(head) ? head.replaceAll(/\r?\n[ \t]+/g, " ") : "";
}

function parseMultipart(text: string): UserData {
  const boundary = /boundary="?([^";\r\n]+)"?/i.exec(headOf(text))?.[1];
  if (boundary === undefined)
    return { scripts: [], complaints: ["The user data's parts have no boundary. None is carried out."] };
  const parts = text
    .split(`--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith("--"));
  const read = parts.map((raw, place) => {
    const part = raw.replace(/^\r?\n/, "");
    const head = headOf(part);
    const body = head === "" ? part : part.replace(/^[\s\S]*?\r?\n\r?\n/, "");
    const field = (pattern: RegExp) => pattern.exec(head)?.[1];
    const name = field(/filename="?([^";\r\n]+)"?/i) ?? `part ${place + 1}`;
    const isBase64 = /^content-transfer-encoding:\s*base64/im.test(head);
    const content = isBase64 ? Buffer.from(body, "base64").toString("utf8") : body.replace(/\r?\n$/, "");
    const type = field(/^content-type:\s*([^;\s]+)/im)?.toLowerCase() ?? "text/plain";
    if (type === "text/cloud-config") return parseCloudConfig(name, content);
    if (type.startsWith("text/x-shellscript") || type === "text/plain") return parsePart(name, content);
    return { scripts: [], complaints: [`${name}: ${type} is not supported. It is not carried out.`] };
  });
  return { scripts: read.flatMap(({ scripts }) => scripts), complaints: read.flatMap(({ complaints }) => complaints) };
}

/** Of a cloud-config, the commands are run. Anything else in it would change a machine that is not the instance's own. */
function parseCloudConfig(name: string, text: string): UserData {
  let config: unknown;
  try {
    config = parse(text);
  } catch (error) {
    return { scripts: [], complaints: [`${name}: the cloud-config is no YAML: ${messageOf(error)}`] };
  }
  if (typeof config !== "object" || config === null) return { scripts: [], complaints: [] };
  const { bootcmd, runcmd, ...others } = config as Readonly<Record<string, unknown>>;
  const scriptOf = (key: string, commands: unknown): Script[] =>
    Array.isArray(commands) && commands.length > 0
      ? [{ name: `${name}: ${key}`, text: commands.map(commandOf).join("\n") }]
      : [];
  return {
    scripts: [...scriptOf("bootcmd", bootcmd), ...scriptOf("runcmd", runcmd)],
    complaints: Object.keys(others).map(
      (key) => `${name}: ${key} of a cloud-config is not supported, bootcmd and runcmd are. It is not carried out.`,
    ),
  };
}

/** A command is a line for `sh`, or a list of a program and its arguments. */
function commandOf(command: unknown): string {
  if (!Array.isArray(command)) return String(command);
  return command.map((word) => `'${String(word).replaceAll("'", String.raw`'\''`)}'`).join(" ");
}
