import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";

/** A build's folders. Nothing of a build is outside of them, but for the caches that all builds share. */
export interface Workspace {
  readonly root: string;
  /** The shell's driver and commands, and files that are uploaded or were downloaded. */
  readonly control: string;
  readonly home: string;
  readonly temporary: string;
  /** Sources, each in a folder of its own. */
  readonly sources: string;
}

/** Who runs builds. */
export function builder(): string {
  return userInfo().username;
}

export async function makeWorkspace(root: string): Promise<Workspace> {
  const workspace = {
    root,
    control: join(root, "control"),
    home: join(root, "home"),
    temporary: join(root, "tmp"),
    sources: join(root, "src"),
  };
  // What an interrupted attempt has left is of no use.
  await rm(root, { recursive: true, force: true });
  const { control, home, temporary, sources } = workspace;
  await Promise.all(
    [control, join(home, "npm", "bin"), temporary, sources].map((folder) =>
      mkdir(folder, { recursive: true, mode: 0o700 }),
    ),
  );
  await Promise.all([
    writeFile(join(home, ".npmrc"), ""),
    writeFile(join(home, "npm", "npmrc"), await machineNpmSettings()),
  ]);
  return workspace;
}

/** How npm reaches the network on this machine, by its settings for all users. Nothing else of them, and no credentials. */
async function machineNpmSettings(): Promise<string> {
  const file = join(dirname(dirname(process.execPath)), "etc", "npmrc");
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text
    .split("\n")
    .filter((line) => /^\s*(registry|cafile|proxy|https-proxy|noproxy|strict-ssl)\s*=/.test(line));
  return lines.map((line) => `${line}\n`).join("");
}

/** How this machine reaches the network, and where its toolchains are: as builds need them too. */
const inherited = [
  "LANG",
  "LC_ALL",
  "TZ",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "npm_config_registry",
  "NPM_CONFIG_REGISTRY",
  "PIP_INDEX_URL",
  "GOPROXY",
  "GOSUMDB",
  "JAVA_HOME",
  "GOROOT",
  "PYENV_ROOT",
  "RBENV_ROOT",
  "RUSTUP_HOME",
  "NVM_DIR",
  "VOLTA_HOME",
  "ASDF_DATA_DIR",
  "SDKMAN_DIR",
  "MISE_DATA_DIR",
  "PROTO_HOME",
  "ANDROID_HOME",
  "DOTNET_ROOT",
] as const;

/**
 * Version managers whose commands look for their data below the home folder, unless a variable says where it is: by the
 * part of their folder that is on the PATH.
 */
const versionManagers: readonly { readonly variable: string; readonly onPath: string; readonly data: string }[] = [
  { variable: "ASDF_DATA_DIR", onPath: ".asdf/", data: ".asdf" },
  { variable: "MISE_DATA_DIR", onPath: ".local/share/mise/", data: ".local/share/mise" },
  { variable: "PROTO_HOME", onPath: ".proto/", data: ".proto" },
  { variable: "PYENV_ROOT", onPath: ".pyenv/", data: ".pyenv" },
  { variable: "RBENV_ROOT", onPath: ".rbenv/", data: ".rbenv" },
  { variable: "RUSTUP_HOME", onPath: ".cargo/bin", data: ".rustup" },
  { variable: "VOLTA_HOME", onPath: ".volta/", data: ".volta" },
];

/** Where the version managers that the PATH leads to have their data. */
function toolchains(host: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const home = host["HOME"] ?? "";
  const folders = (host["PATH"] ?? "").split(":");
  const used = versionManagers.filter(
    ({ variable, onPath }) =>
      host[variable] === undefined && folders.some((folder) => `${folder}/`.startsWith(join(home, onPath))),
  );
  return Object.fromEntries(used.map(({ variable, data }) => [variable, join(home, data)]));
}

/**
 * The environment of every build, before its own variables: the host's toolchain, a home of its own, and caches that
 * are shared by all builds, so that the second is fast. The user's own configuration of git, npm and AWS is out of sight.
 *
 * @param host - Trysail's own environment
 */
export function baseEnvironment(
  workspace: Workspace,
  caches: string,
  host: Readonly<Record<string, string | undefined>>,
  endpoint: string,
): Record<string, string> {
  const { home, temporary } = workspace;
  const prefix = join(home, "npm");
  const { hostname } = new URL(endpoint);
  const direct = [host["NO_PROXY"] ?? host["no_proxy"], hostname, "localhost"]
    .filter((name) => name !== undefined && name !== "")
    .join(",");
  return {
    ...Object.fromEntries(inherited.flatMap((name) => (host[name] === undefined ? [] : [[name, host[name]]]))),
    ...toolchains(host),
    PATH: [join(prefix, "bin"), join(home, ".local", "bin"), host["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"].join(":"),
    NO_PROXY: direct,
    no_proxy: direct,
    HOME: home,
    USER: builder(),
    TMPDIR: temporary,
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_CACHE_HOME: join(home, ".cache"),
    XDG_DATA_HOME: join(home, ".local", "share"),
    XDG_STATE_HOME: join(home, ".local", "state"),
    GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    DOCKER_CONFIG: join(home, ".docker"),
    npm_config_userconfig: join(home, ".npmrc"),
    npm_config_globalconfig: join(home, "npm", "npmrc"),
    npm_config_prefix: prefix,
    npm_config_cache: join(caches, "npm"),
    npm_config_update_notifier: "false",
    YARN_CACHE_FOLDER: join(caches, "yarn"),
    PIP_CACHE_DIR: join(caches, "pip"),
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    GOMODCACHE: join(caches, "go-mod"),
    GOCACHE: join(caches, "go-build"),
    GOPATH: join(home, "go"),
    CARGO_HOME: join(caches, "cargo"),
    GRADLE_USER_HOME: join(caches, "gradle"),
    MAVEN_ARGS: `-Dmaven.repo.local=${join(caches, "maven")}`,
    NUGET_PACKAGES: join(caches, "nuget"),
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    CI: "true",
  };
}
