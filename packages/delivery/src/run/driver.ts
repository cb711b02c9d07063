import { messageOf, TrysailError, type Log, type Millis } from "@trysail/core";
import type { Random } from "../judge/random.ts";
import type { Action, Observation, Unreachable } from "../plan/model.ts";
import {
  answered,
  commanded,
  isOver,
  planRollout,
  regionsToSee,
  type Rollout,
  type RolloutPlan,
} from "../plan/rollout.ts";
import type { Answer } from "../plan/state.ts";
import { clusterName } from "../server-groups/name.ts";
import type { Versioned } from "../store/bucket.ts";
import type { JournalLine, RolloutEvent, RolloutView, StoredRollout } from "../store/model.ts";
import type { RolloutStore } from "../store/rollouts.ts";
import { answerTo } from "./answers.ts";
import { eventsBetween } from "./events.ts";
import type { Call, RegionPort } from "./port.ts";

/** What a rollout is driven with. */
export interface DriverDeps {
  readonly store: RolloutStore;
  /** Of this process, unique. */
  readonly worker: string;
  readonly now: () => Millis;
  readonly random: Random;
  readonly log: Log;
  /** The regions of a rollout; `onCall` is told each call of AWS's API. */
  portOf(rollout: Rollout, region: string, onCall: (call: Call) => void): RegionPort;
  /** To EventBridge. */
  announce(events: readonly RolloutEvent[]): Promise<void>;
  /** Tells a pipeline that its rollout is over. Repeating it changes nothing. */
  report(stored: StoredRollout): Promise<void>;
}

/** What has come of a pass. */
export type Passed =
  /** `isMoving`: something has changed, so that it is worth to look again soon. */
  | { readonly kind: "goes-on"; readonly isMoving: boolean; readonly wakeAt: Millis | undefined }
  | { readonly kind: "held-by-another"; readonly until: Millis }
  | { readonly kind: "over" };

/** How long a rollout is a worker's own after it was last heard of. */
export const leaseMs = 30_000;
/** What is left of a lease must be enough for the call that is made. */
const leaseMarginMs = 12_000;
const mostTransitions = 50;

/** Goes on with rollouts, a pass at a time: look, plan, store what is new, then do it. */
export interface Driver {
  pass(id: string): Promise<Passed>;
}

export function createDriver(deps: DriverDeps): Driver {
  /** What was last shown to people, by rollout. */
  const views = new Map<string, string>();
  /** Calls that are in no stored record yet, by rollout: reading alone is not worth a write. */
  const uncounted = new Map<string, CallCount>();

  async function pass(id: string): Promise<Passed> {
    const found = await deps.store.read(id);
    if (found === undefined) return { kind: "over" };
    const held = await hold(deps, found);
    if (held === undefined) {
      // Another worker has ended it and put it away: it is read, and cannot be written any more.
      if (isOver(found.value.rollout) && !(await deps.store.open()).includes(id)) return { kind: "over" };
      return { kind: "held-by-another", until: found.value.lease?.until ?? deps.now() + leaseMs };
    }
    if (isOver(held.value.rollout)) return finish(deps, held, uncounted.get(id));
    if (held.value.rollout.status === "queued") return begin(deps, held);
    const calls: Call[] = [];
    const onCall = (call: Call) => {
      calls.push(call);
      uncounted.set(id, counted(uncounted.get(id), call));
    };
    const was = held.value.rollout;
    const { plan, seen, events } = await planned(deps, was, onCall);
    await show(deps, views, plan, seen);
    let stored = held;
    const passName = nameOf(deps.now());
    const store = async (rollout: Rollout, happened?: readonly RolloutEvent[]) => {
      const written = await save(deps, stored, rollout, uncounted.get(id), happened);
      if (written !== undefined && written !== stored) uncounted.delete(id);
      return written;
    };
    if (plan.rollout !== was) {
      // Stored before anything is done: who takes over goes on from it.
      const written = await store(plan.rollout, events);
      if (written === undefined) return { kind: "goes-on", isMoving: true, wakeAt: undefined };
      stored = await announce(deps, written, passName);
    }
    const answers = await act(deps, stored, plan, onCall);
    await journalCalls(deps, id, passName, calls);
    const after = answers.reduce(
      (rollout, { region, answer }) => answered(rollout, region, answer, deps.now()),
      plan.rollout,
    );
    // Where somebody else has written it meanwhile, the same is found out again in the next pass.
    if (after !== plan.rollout) stored = await announce(deps, (await store(after)) ?? stored, `${passName}-answers`);
    if (isOver(stored.value.rollout)) return finish(deps, stored, uncounted.get(id));
    const isMoving = after !== was || Object.values(plan.actions).some((actions) => actions.length > 0);
    return { kind: "goes-on", isMoving, wakeAt: plan.wakeAt };
  }

  return { pass };
}

/** Makes the rollout this worker's, or stays so; undefined if it is another's. */
async function hold({ store, worker, now }: DriverDeps, found: Versioned<StoredRollout>) {
  const { lease } = found.value;
  const isOwn = lease?.worker === worker;
  if (lease !== undefined && !isOwn && lease.until > now()) return undefined;
  if (isOwn && lease.until - now() > leaseMs / 2) return found;
  return store.write(found, { ...found.value, lease: { worker, until: now() + leaseMs } });
}

/** Looks and plans until there is nothing to decide any more. What was seen stays true meanwhile. */
async function planned(deps: DriverDeps, before: Rollout, onCall: (call: Call) => void) {
  const seen: Record<string, Observation | Unreachable> = {};
  const events: RolloutEvent[] = [];
  let rollout = before;
  for (let transition = 0; transition < mostTransitions; transition++) {
    const now = deps.now();
    const unseen = regionsToSee(rollout, now).filter((region) => seen[region] === undefined);
    const looks = unseen.map(async (region) => [region, await deps.portOf(rollout, region, onCall).observe()] as const);
    for (const [region, look] of await Promise.all(looks)) seen[region] = look;
    const plan = planRollout(rollout, seen, now);
    if (plan.rollout === rollout) return { plan, seen, events };
    events.push(...eventsBetween(rollout, plan.rollout, now));
    rollout = plan.rollout;
  }
  throw new TrysailError("plan-without-end", `The plan of ${before.id} comes to no end.`);
}

type CallCount = StoredRollout["calls"];

const counted = (count: CallCount | undefined, { isMutating }: Call): CallCount => ({
  changing: (count?.changing ?? 0) + (isMutating ? 1 : 0),
  reading: (count?.reading ?? 0) + (isMutating ? 0 : 1),
});

const sum = (one: CallCount, other: CallCount | undefined): CallCount => ({
  changing: one.changing + (other?.changing ?? 0),
  reading: one.reading + (other?.reading ?? 0),
});

/** Of what is put into the journal: in the order of time. */
const nameOf = (now: Millis) => String(now).padStart(15, "0");

/** Stores what is new, with what it gives to announce. */
function save(
  deps: DriverDeps,
  before: Versioned<StoredRollout>,
  rollout: Rollout,
  calls?: CallCount,
  events = eventsBetween(before.value.rollout, rollout, deps.now()),
) {
  const { value } = before;
  if (rollout === value.rollout) return Promise.resolve(before);
  return deps.store.write(before, {
    ...value,
    rollout,
    outbox: [...value.outbox, ...events],
    lease: { worker: deps.worker, until: deps.now() + leaseMs },
    calls: sum(value.calls, calls),
  });
}

/** Tells what has happened: at least once, in order. What cannot be told now is told with what comes next. */
async function announce(deps: DriverDeps, stored: Versioned<StoredRollout>, name: string) {
  const { outbox, rollout } = stored.value;
  if (outbox.length === 0) return stored;
  const isTold = await deps.announce(outbox).then(
    () => true,
    () => false,
  );
  if (!isTold) return stored;
  const lines = outbox.map(({ at, region, text }): JournalLine => ({ kind: "event", at, region, text }));
  await deps.store.addToJournal(rollout.id, `${name}-events`, lines);
  return (await deps.store.write(stored, { ...stored.value, outbox: [] })) ?? stored;
}

interface RegionAnswer {
  readonly region: string;
  readonly answer: Answer;
}

/** Carries out a plan: regions side by side, what is to be done in one in order. */
async function act(
  deps: DriverDeps,
  stored: Versioned<StoredRollout>,
  plan: RolloutPlan,
  onCall: (call: Call) => void,
) {
  const until = stored.value.lease?.until ?? 0;
  const regions = new Set([...Object.keys(plan.actions), ...Object.keys(plan.questions)]);
  const all = [...regions].map(async (region): Promise<readonly RegionAnswer[]> => {
    const port = deps.portOf(plan.rollout, region, onCall);
    const refused = await change(deps, port, plan.actions[region] ?? [], until);
    const answers: RegionAnswer[] = refused === undefined ? [] : [{ region, answer: refused }];
    for (const question of plan.questions[region] ?? []) {
      const answer = await answerTo(deps, plan.rollout, port, question).catch((error: unknown) => {
        // Asked again in the next pass, for as long as the plan waits for it.
        deps.log.warn(`${plan.rollout.id}: nothing could be measured in ${region}: ${messageOf(error)}`);
        return undefined;
      });
      if (answer !== undefined) answers.push({ region, answer });
    }
    return answers;
  });
  return (await Promise.all(all)).flat();
}

/** @returns what was refused for good */
async function change(
  deps: DriverDeps,
  port: RegionPort,
  actions: readonly Action[],
  until: Millis,
): Promise<Answer | undefined> {
  for (const action of actions) {
    // Another worker may go on with it from then: two must not change one region.
    if (deps.now() > until - leaseMarginMs) return undefined;
    const applied = await port.apply(action);
    if (applied.kind === "later") return undefined;
    if (applied.kind === "refused") {
      const next = applied.next === undefined ? "" : ` ${applied.next}`;
      return { kind: "refused", message: `${action.kind} ${action.group}: ${applied.message}${next}` };
    }
  }
  return undefined;
}

async function journalCalls({ store }: DriverDeps, id: string, name: string, calls: readonly Call[]): Promise<void> {
  const lines = calls
    .filter(({ isMutating, outcome }) => isMutating || outcome !== "ok")
    .map(({ startedAt, region, service, operation, resource, ms, outcome }): JournalLine => ({
      kind: "call",
      at: startedAt,
      region,
      call: `${service}:${operation}`,
      resource,
      ms,
      outcome,
    }));
  if (lines.length > 0) await store.addToJournal(id, `${name}-calls`, lines);
}

/** Lets the rollout begin, if it is its turn. */
async function begin(deps: DriverDeps, held: Versioned<StoredRollout>): Promise<Passed> {
  const { rollout } = held.value;
  const waiting = await before(deps, rollout);
  if (waiting.length > 0 && rollout.spec.whenBusy === "supersede") await supersede(deps, rollout, waiting);
  if (waiting.length > 0 || !(await deps.store.take(rollout.spec.cluster, rollout.id)))
    return { kind: "goes-on", isMoving: false, wakeAt: undefined };
  const saved = await save(deps, held, { ...rollout, status: "running" });
  if (saved !== undefined) await announce(deps, saved, nameOf(deps.now()));
  return { kind: "goes-on", isMoving: true, wakeAt: undefined };
}

/** Rollouts of the same cluster that began, or were asked for, before. */
async function before({ store }: DriverDeps, rollout: Rollout): Promise<readonly Versioned<StoredRollout>[]> {
  const cluster = clusterName(rollout.spec.cluster);
  const ids = (await store.open()).filter((id) => id !== rollout.id && id.startsWith(`${cluster}.`));
  const others = await Promise.all(ids.map((id) => store.read(id)));
  return others.flatMap((other) => {
    if (other === undefined || isOver(other.value.rollout)) return [];
    const { status, createdAt, id, spec } = other.value.rollout;
    const isEarlier = createdAt < rollout.createdAt || (createdAt === rollout.createdAt && id < rollout.id);
    return clusterName(spec.cluster) === cluster && (status !== "queued" || isEarlier) ? [other] : [];
  });
}

async function supersede(deps: DriverDeps, newer: Rollout, olders: readonly Versioned<StoredRollout>[]): Promise<void> {
  for (const older of olders) {
    const after = commanded(older.value.rollout, { kind: "abort", reason: `superseded by ${newer.id}` }, deps.now());
    // Who drives it meanwhile is heard first: it is tried again.
    if (typeof after !== "string" && after !== older.value.rollout)
      await deps.store.write(older, {
        ...older.value,
        rollout: after,
        outbox: [...older.value.outbox, ...eventsBetween(older.value.rollout, after, deps.now())],
      });
  }
}

/** Tells everybody that it is over, and puts it away. */
async function finish(
  deps: DriverDeps,
  stored: Versioned<StoredRollout>,
  calls: CallCount | undefined,
): Promise<Passed> {
  const told = await announce(deps, stored, `${nameOf(deps.now())}-end`);
  const last = await deps.store.write(told, { ...told.value, lease: undefined, calls: sum(told.value.calls, calls) });
  // A command that was given meanwhile is heard first.
  const goesOn = { kind: "goes-on", isMoving: true, wakeAt: undefined } as const;
  if (last === undefined) return goesOn;
  await deps.report(last.value);
  return (await deps.store.end(last)) ? { kind: "over" } : goesOn;
}

async function show(
  { store, now }: DriverDeps,
  views: Map<string, string>,
  plan: RolloutPlan,
  seen: Readonly<Record<string, Observation | Unreachable>>,
): Promise<void> {
  const { id } = plan.rollout;
  const regions = Object.fromEntries(
    Object.entries(seen).flatMap(([region, look]) => (look.kind === "seen" ? [[region, look.groups]] : [])),
  );
  const text = JSON.stringify({ waiting: plan.waiting, regions });
  if (views.get(id) === text) return;
  views.set(id, text);
  const view: RolloutView = { at: now(), waiting: plan.waiting, regions };
  // It is for looking at only.
  await store.putView(id, view).catch(() => undefined);
}
