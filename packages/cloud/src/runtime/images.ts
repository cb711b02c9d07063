import { TrysailError } from "@trysail/core";
import type { Program } from "./workloads.ts";

export type ImageProgram = Extract<Program, { readonly kind: "image" }>;

/** An image's name in its parts. */
export interface ImageName {
  /** Undefined for Docker Hub. */
  readonly registry: string | undefined;
  /** Without `library/` where it is Docker Hub's own: `node`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/**
 * Images whose program this machine runs itself where no container engine answers, beside the language bases: their
 * names, and the folder that has what the image would hold in its working directory; undefined where the workload's own
 * folder will do. A name without a registry means that repository in any registry, whatever its tag.
 */
export type HostImages = Readonly<Record<string, string | undefined>>;

/** Where an image's program runs. */
export type Placement =
  | { readonly kind: "container" }
  | {
      readonly kind: "host";
      readonly command: string;
      readonly args: readonly string[];
      /** The configured folder that it runs in; undefined means the workload's own. */
      readonly folder: string | undefined;
    };

/** What a language base holds, as far as it matters to how a command is run. */
interface LanguageBase {
  /** Its `CMD`. */
  readonly command: readonly string[];
  /** A shell script that runs its arguments as the image does. Not needed for the commands in `direct`. */
  readonly script?: string;
  readonly direct: readonly string[];
}

/** Docker Hub's node image runs what is no command as a script of Node's: its docker-entrypoint.sh. */
const nodeEntryPoint = `if [ "\${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ] || { [ -f "$1" ] && ! [ -x "$1" ]; }; then set -- node "$@"; fi; exec "$@"`;
/** Every applet of busybox is a command in its image, and in Alpine's. */
const busyboxCommands = `command -v "$1" > /dev/null || set -- busybox "$@"; exec "$@"`;

const languageBases: Readonly<Record<string, LanguageBase>> = {
  node: { command: ["node"], script: nodeEntryPoint, direct: ["node", "npm", "npx", "sh", "bash"] },
  // Many machines have only `python3`.
  python: {
    command: ["python3"],
    script: `command -v "$1" > /dev/null || { [ "$1" = python ] && shift && set -- python3 "$@"; }; exec "$@"`,
    direct: ["python3", "sh"],
  },
  busybox: { command: ["sh"], script: busyboxCommands, direct: ["sh", "/bin/sh"] },
  alpine: { command: ["/bin/sh"], script: busyboxCommands, direct: ["sh", "/bin/sh"] },
};

/** Docker Hub's names for itself. */
const dockerHub = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** @see https://docs.docker.com/reference/cli/docker/image/tag/#description */
export function parseImage(image: string): ImageName {
  const [name = "", digest] = image.split("@", 2);
  const parts = name.split("/");
  const [first = ""] = parts;
  const hasRegistry = parts.length > 1 && (first.includes(".") || first.includes(":") || first === "localhost");
  const path = (hasRegistry ? parts.slice(1) : parts).join("/");
  const [repository = "", tag] = path.split(":", 2);
  const registry = hasRegistry && !dockerHub.has(first) ? first : undefined;
  return {
    registry,
    repository: registry === undefined ? repository.replace(/^library\//, "") : repository,
    tag,
    digest,
  };
}

/** The language base that an image is: Docker Hub's own, or a copy of it in another registry, as in Amazon's public one. */
function languageBaseOf({ registry, repository }: ImageName): LanguageBase | undefined {
  const name = registry === undefined ? repository : /(?:^|\/)library\/([^/]+)$/.exec(repository)?.[1];
  return name !== undefined && Object.hasOwn(languageBases, name) ? languageBases[name] : undefined;
}

function configuredFor(image: ImageName, hostImages: HostImages): { readonly folder: string | undefined } | undefined {
  const found = Object.entries(hostImages).find(([text]) => {
    const name = parseImage(text);
    return name.repository === image.repository && (name.registry === undefined || name.registry === image.registry);
  });
  return found && { folder: found[1] };
}

/**
 * Where an image's program runs: in a container where an engine answers; on this machine if the image is a language
 * base, or the configuration names it.
 *
 * @throws TrysailError `image-not-available` (fault: user), in ECS's words
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
 */
export function placeImage(
  program: Pick<ImageProgram, "image" | "entryPoint" | "command">,
  { hasEngine, hostImages }: { readonly hasEngine: boolean; readonly hostImages: HostImages },
): Placement {
  if (hasEngine) return { kind: "container" };
  const image = parseImage(program.image);
  const base = languageBaseOf(image);
  const configured = configuredFor(image, hostImages);
  const name = image.registry === undefined ? image.repository : `${image.registry}/${image.repository}`;
  if (base === undefined && configured === undefined) {
    throw new TrysailError(
      "image-not-available",
      `CannotPullContainerError: no container engine answers that could run ${program.image}. Start Docker or Podman, ` +
        `or have this machine run the image's program: trysail up --image ${name}=FOLDER`,
      { fault: "user" },
    );
  }
  const folder = configured?.folder;
  const { entryPoint = [], command = [] } = program;
  // As in Docker: who gives an entry point does without the image's command.
  if (entryPoint.length > 0) return onHost([...entryPoint, ...command], undefined, folder);
  const words = command.length > 0 ? command : (base?.command ?? []);
  if (words.length === 0) {
    throw new TrysailError(
      "image-not-available",
      `CannotStartContainerError: ${program.image} runs on this machine, which does not know the image's own command. ` +
        `Give the container definition a command, or start a container engine.`,
      { fault: "user" },
    );
  }
  return onHost(words, base, folder);
}

function onHost(words: readonly string[], base: LanguageBase | undefined, folder: string | undefined): Placement {
  const [command = "", ...args] = words;
  if (base?.script === undefined || base.direct.includes(command)) return { kind: "host", command, args, folder };
  return { kind: "host", command: "sh", args: ["-c", base.script, "sh", ...words], folder };
}
