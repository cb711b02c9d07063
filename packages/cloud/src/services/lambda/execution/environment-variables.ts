import { delimiter, join } from "node:path";
import type { Context } from "../../../kernel/context.ts";
import type { Version } from "../model.ts";
import { versionText } from "../model.ts";

/** Names that a function's own variables must not have. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
export const reservedVariables: readonly string[] = [
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
];

/** How this machine reaches the network, as functions need it too. */
const inherited = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "http_proxy",
  "https_proxy",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "REQUESTS_CA_BUNDLE",
] as const;

/** Folders of one environment. */
export interface Folders {
  /** The function's code: `/var/task`. */
  readonly task: string;
  /** The layers, merged: `/opt`. */
  readonly layers: string | undefined;
  /** The environment's own: `/tmp`. */
  readonly temporary: string;
  /** What all environments share: compiled code. */
  readonly cache: string;
}

export interface RoleCredentials {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
}

const paths = (...parts: readonly (string | undefined | false)[]) =>
  parts.filter((part): part is string => typeof part === "string" && part !== "").join(delimiter);

/**
 * The environment that a function's program is started with. The function's own variables come before the platform's,
 * so that they can change what is not reserved.
 */
export function environmentVariables(
  ctx: Pick<Context, "region" | "host">,
  version: Version,
  parts: {
    readonly folders: Folders;
    readonly runtimeApi: string;
    readonly logStream: string;
    readonly credentials: RoleCredentials;
    /** Trysail's own environment. */
    readonly machine: Readonly<Record<string, string | undefined>>;
  },
): Record<string, string> {
  const { folders, machine, credentials, logStream } = parts;
  const { task, layers, temporary, cache } = folders;
  const { runtime, logging } = version;
  const own = layers === undefined ? undefined : (path: string) => join(layers, path);
  const { hostname } = new URL(ctx.host.endpoint);
  const direct = [machine["NO_PROXY"] ?? machine["no_proxy"], hostname, "127.0.0.1", "localhost"]
    .filter((name) => name !== undefined && name !== "")
    .join(",");
  const node = runtime.startsWith("nodejs");
  const python = runtime.startsWith("python");
  return {
    ...Object.fromEntries(
      inherited.flatMap((name) => (machine[name] === undefined ? [] : [[name, machine[name]] as const])),
    ),
    NO_PROXY: direct,
    no_proxy: direct,
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    PATH: paths(own?.("bin"), machine["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"),
    LD_LIBRARY_PATH: paths(task, join(task, "lib"), own?.("lib")),
    HOME: temporary,
    TMPDIR: temporary,
    ...(node && {
      NODE_PATH: paths(
        own?.(`nodejs/${runtime.replace("nodejs", "node").replace(".x", "")}/node_modules`),
        own?.("nodejs/node_modules"),
      ),
      NODE_COMPILE_CACHE: join(cache, "node"),
    }),
    ...(python && {
      PYTHONPATH: paths(own?.("python"), own?.(`python/lib/${runtime}/site-packages`)),
      PYTHONPYCACHEPREFIX: join(cache, "python"),
      PYTHONUNBUFFERED: "1",
      PYTHONIOENCODING: "utf-8",
    }),
    AWS_ENDPOINT_URL: ctx.host.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    ...version.variables,
    ...(layers !== undefined && { TRYSAIL_LAMBDA_OPT: layers }),
    TRYSAIL_LAMBDA_RUNTIME: runtime,
    _HANDLER: version.handler,
    LAMBDA_TASK_ROOT: task,
    AWS_LAMBDA_RUNTIME_API: parts.runtimeApi,
    AWS_REGION: ctx.region,
    AWS_DEFAULT_REGION: ctx.region,
    AWS_ACCESS_KEY_ID: credentials.AccessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey ?? "",
    AWS_SESSION_TOKEN: credentials.SessionToken ?? "",
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_FUNCTION_NAME: version.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: versionText(version.number),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(version.memoryMib),
    AWS_LAMBDA_LOG_GROUP_NAME: logging.LogGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_LOG_FORMAT: logging.LogFormat === "JSON" ? "JSON" : "Text",
    ...(logging.LogFormat === "JSON" && { AWS_LAMBDA_LOG_LEVEL: logging.ApplicationLogLevel ?? "INFO" }),
  };
}

/** A path below /opt is one of the layers; any other is as it is. */
export function inLayers(path: string, layers: string | undefined): string {
  return layers !== undefined && path.startsWith("/opt/") ? join(layers, path.slice("/opt/".length)) : path;
}
