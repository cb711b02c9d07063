import type { Context } from "../../kernel/context.ts";
import type { Table } from "../../store/table.ts";
import type { RefUpdate } from "../git-repositories.ts";

/** What has moved from one listing of refs to another, by name of the ref. */
export function updatesBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): RefUpdate[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return names.flatMap((ref): RefUpdate[] => {
    const [old, now] = [before.get(ref), after.get(ref)];
    if (old === now) return [];
    return [{ ref, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) }];
  });
}

/** A branch or tag that has moved, in the words of CodeCommit's events. */
export interface ReferenceChange {
  readonly event: "referenceCreated" | "referenceUpdated" | "referenceDeleted";
  readonly referenceType: "branch" | "tag";
  readonly referenceName: string;
  readonly referenceFullName: string;
  /** Where it is now; of one that was deleted, where it was. */
  readonly commitId: string;
  readonly oldCommitId?: string;
}

/**
 * Undefined for refs that are neither branches nor tags.
 *
 * @see https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
 */
export function referenceChange({ ref, before, after }: RefUpdate): ReferenceChange | undefined {
  const match = /^refs\/(?<kind>heads|tags)\/(?<name>.+)$/.exec(ref);
  if (match?.groups === undefined) return undefined;
  const { kind, name = "" } = match.groups;
  const event =
    before === undefined ? "referenceCreated" : after === undefined ? "referenceDeleted" : "referenceUpdated";
  return {
    event,
    referenceType: kind === "heads" ? "branch" : "tag",
    referenceName: name,
    referenceFullName: ref,
    commitId: after ?? before ?? "",
    ...(before === undefined ? {} : { oldCommitId: before }),
  };
}

/** The refs of a repository as events have told of them. */
export interface AnnouncedRefs {
  readonly refs: ReadonlyMap<string, string>;
  /** Counts the announcements. */
  readonly version: number;
}

/**
 * Tells of every ref that has moved since the last time, exactly once, in one transaction with remembering that it was
 * told. Git moves refs by itself: comparing what is with what was told finds the moves of a push in the middle of which
 * Trysail was killed, too.
 *
 * @param tell - called inside of the transaction; not called if nothing has moved
 */
export async function announceMovedRefs(
  ctx: Pick<Context, "transaction">,
  announced: Table<string, AnnouncedRefs>,
  key: string,
  readRefs: () => Promise<ReadonlyMap<string, string>>,
  tell: (updates: readonly RefUpdate[]) => void,
): Promise<void> {
  for (;;) {
    const { refs = new Map<string, string>(), version = 0 } = announced.get(key) ?? {};
    const now = await readRefs();
    const isCurrent = ctx.transaction(() => {
      // Somebody else has told of later moves while we read: what we hold may be older than that.
      if ((announced.get(key)?.version ?? 0) !== version) return false;
      const updates = updatesBetween(refs, now);
      if (updates.length === 0) return true;
      announced.put(key, { refs: now, version: version + 1 });
      tell(updates);
      return true;
    });
    if (isCurrent) return;
  }
}
