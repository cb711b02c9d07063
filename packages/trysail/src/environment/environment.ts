/** What a command's environment leads to. */
export interface Destination {
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Files of Trysail's own, in place of the user's. */
  readonly configFile: string;
  readonly credentialsFile: string;
  /** Where the CDK CLI keeps its caches. */
  readonly cdkHome: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Hosts that a proxy must not be asked for. */
const loopbackHosts = ["127.0.0.1", "localhost", ".localhost", "::1"];

const proxyExceptions = ["NO_PROXY", "no_proxy"];

/**
 * Changes to a user's environment that make every AWS client in it talk to Trysail, and to nothing else: all of the
 * user's `AWS_*` variables go (profiles, roles, tokens, container credentials), the configuration and credentials files
 * become Trysail's, and the instance metadata service is off. What is undefined is to be unset.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
export function environmentChanges(user: Environment, destination: Destination): Record<string, string | undefined> {
  const { endpoint, region, account, accessKeyId, secretAccessKey, configFile, credentialsFile, cdkHome } = destination;
  const masked = Object.keys(user).filter(isMasked);
  // npm hands its own setting on to what it runs, and it comes before the others where it is set.
  const proxies = [
    ...proxyExceptions,
    ...["npm_config_no_proxy", "npm_config_noproxy"].filter((name) => (user[name] ?? "") !== ""),
  ];
  return {
    ...Object.fromEntries(masked.map((name) => [name, undefined])),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: configFile,
    AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
    AWS_SDK_LOAD_CONFIG: "1",
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DEFAULT_ACCOUNT: account,
    CDK_DEFAULT_REGION: region,
    CDK_HOME: cdkHome,
    CDK_NOTICES: "false",
    CDK_DISABLE_CLI_TELEMETRY: "true",
    CDK_DISABLE_VERSION_CHECK: "true",
    ...Object.fromEntries(proxies.map((name) => [name, withLoopback(user[name] ?? user[name.toUpperCase()] ?? "")])),
  };
}

/** The environment with the changes made. */
export function changed(user: Environment, changes: Environment): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries({ ...user, ...changes }).filter(([, value]) => value !== undefined));
}

/** Variables that could lead an AWS client elsewhere: AWS's, boto's, and the CDK's role, profile and account. */
function isMasked(name: string): boolean {
  return (
    /^AWS_/i.test(name) ||
    ["BOTO_CONFIG", "CDK_PROFILE", "CDK_ROLE_ARN", "CDK_PROXY", "CDK_CA_BUNDLE_PATH"].includes(name)
  );
}

function withLoopback(exceptions: string): string {
  const listed = exceptions.split(/[\s,]+/).filter((host) => host !== "");
  if (listed.includes("*")) return exceptions;
  return [...listed, ...loopbackHosts.filter((host) => !listed.includes(host))].join(",");
}

export type Shell = "posix" | "fish";

/** The changes as commands for a shell to evaluate. */
export function shellCommands(changes: Environment, shell: Shell): string[] {
  return Object.entries(changes).map(([name, value]) => {
    if (shell === "fish") return value === undefined ? `set -e ${name};` : `set -gx ${name} ${fishQuoted(value)};`;
    return value === undefined ? `unset ${name}` : `export ${name}=${posixQuoted(value)}`;
  });
}

function posixQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}

/**
 * The command as it is to be run: `aws` gets the endpoint as an option too, since its versions before 1.29 and 2.13
 * (Debian 12 has 2.9) ignore `AWS_ENDPOINT_URL`, and would go to AWS.
 */
export function commandToRun(command: readonly string[], endpoint: string): readonly string[] {
  const [program = "", ...args] = command;
  const isAws = /(^|\/)aws$/.test(program);
  const hasEndpoint = args.some((arg) => arg === "--endpoint-url" || arg.startsWith("--endpoint-url="));
  return isAws && !hasEndpoint ? [program, "--endpoint-url", endpoint, ...args] : command;
}
