import { TrysailError } from "@trysail/core";

/** What the name of a server group tells. */
export interface ServerGroupName {
  readonly app: string;
  readonly stack: string | undefined;
  readonly detail: string | undefined;
  /** From 0 to 999; undefined for a group that was not made by a rollout. */
  readonly sequence: number | undefined;
}

/** All server groups of an application, a stack and a detail: what a rollout replaces one version of by another. */
export type ClusterName = Omit<ServerGroupName, "sequence">;

const word = /^[a-zA-Z0-9._]+$/;
const detailWord = /^[a-zA-Z0-9._\-~^]+$/;
const sequences = 1000;

/**
 * The name of a cluster by Frigga's rules: `app-stack-detail`. A detail without a stack stands behind two dashes.
 *
 * @throws TrysailError `invalid-name` (fault: user), which names the part and what it may have
 * @see https://github.com/Netflix/frigga
 */
export function clusterName({ app, stack, detail }: ClusterName): string {
  const check = (part: string, text: string | undefined, allowed: RegExp, letters: string) => {
    if (text !== undefined && !allowed.test(text))
      throw new TrysailError("invalid-name", `The ${part} "${text}" may have ${letters} only.`, { fault: "user" });
  };
  check("application", app, word, "letters, digits, dots and underscores");
  check("stack", stack, word, "letters, digits, dots and underscores");
  check("detail", detail, detailWord, "letters, digits and . _ - ~ ^");
  // What ends like a sequence would be read as one.
  if (/(?:^|-)v\d{3,6}$/.test([stack, detail].filter((part) => part !== undefined).join("-")))
    throw new TrysailError("invalid-name", `"${detail ?? stack}" ends like the number of a version, such as v003.`, {
      fault: "user",
    });
  if (detail !== undefined) return `${app}-${stack ?? ""}-${detail}`;
  return stack === undefined ? app : `${app}-${stack}`;
}

/** `app-stack-detail-v003` */
export function serverGroupName(cluster: ClusterName, sequence: number): string {
  return `${clusterName(cluster)}-v${String(sequence % sequences).padStart(3, "0")}`;
}

/** What a name tells; undefined if it is no name by Frigga's rules. */
export function parseServerGroupName(name: string): ServerGroupName | undefined {
  const [, cluster = name, digits] = /^(.+?)-v(\d{3,6})$/.exec(name) ?? [];
  const [app = "", stack = "", ...rest] = cluster.split("-");
  const detail = rest.join("-");
  if (!word.test(app) || (stack !== "" && !word.test(stack)) || (detail !== "" && !detailWord.test(detail)))
    return undefined;
  if (stack === "" && detail === "" && cluster !== app) return undefined;
  return {
    app,
    stack: stack === "" ? undefined : stack,
    detail: detail === "" ? undefined : detail,
    sequence: digits === undefined ? undefined : Number(digits),
  };
}

/**
 * The sequence of a cluster's next group: one more than that of the newest, after 999 from 0 again; one that is taken is
 * left out.
 *
 * @param newest - the sequence of the group that was made last; undefined where there is none
 * @returns undefined if all are taken
 */
export function nextSequence(newest: number | undefined, taken: ReadonlySet<number>): number | undefined {
  const first = newest === undefined ? 0 : (newest + 1) % sequences;
  for (let step = 0; step < sequences; step++) {
    const sequence = (first + step) % sequences;
    if (!taken.has(sequence)) return sequence;
  }
  return undefined;
}
