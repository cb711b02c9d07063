import { days, isTimeZone, type Day, type Freeze, type Windows } from "../windows/windows.ts";
import { region } from "./names.ts";
import {
  byName,
  defaulted,
  list,
  mustBe,
  object,
  optional,
  required,
  within,
  wrong,
  type Place,
  type Reader,
} from "./reader.ts";
import { moment, wallTime } from "./time.ts";

const timeZone: Reader<string> = (value, place) =>
  typeof value === "string" && isTimeZone(value) ? value : mustBe(place, "a time zone such as Europe/Dublin", value);

/** `Mon`, or `Mon-Fri`; over the end of the week too. */
const dayRange: Reader<readonly Day[]> = (value, place) => {
  const [first, last = first] = typeof value === "string" ? value.split("-") : [];
  const from = days.findIndex((day) => day === first);
  const to = days.findIndex((day) => day === last);
  if (from < 0 || to < 0) return mustBe(place, `a day or a range of days, of ${days.join(", ")}`, value);
  return Array.from(
    { length: ((to - from + days.length) % days.length) + 1 },
    (_, index) => days[(from + index) % days.length]!,
  );
};

const window = object({
  days: defaulted(list(dayRange, { least: 1 }), [days]),
  from: required(wallTime),
  to: required(wallTime),
});

const windowsOfRegion = object({ timeZone: required(timeZone), open: required(list(window, { least: 1 })) });

const freeze = object({ from: required(moment), to: required(moment), regions: optional(list(region, { least: 1 })) });

export const windowsField = optional(byName(windowsOfRegion));
export const freezesField = defaulted(list(freeze), []);

type Read<F> = F extends { readonly read: Reader<infer T> } ? T : never;

/** By region: where there is nothing to say, none. */
export function schedulesOf(
  regions: readonly string[],
  windows: Read<typeof windowsField>,
  freezes: Read<typeof freezesField>,
  root: Place,
): Readonly<Record<string, Windows>> {
  const known = (name: string, place: Place) => {
    if (!regions.includes(name)) wrong(place, `is in no wave: ${regions.join(", ")} are.`);
  };
  for (const name of Object.keys(windows ?? {})) known(name, within(within(root, "windows"), name));
  for (const [index, { from, to, regions: named = [] }] of freezes.entries()) {
    const place = within(within(root, "freezes"), index);
    if (to <= from) wrong(within(place, "to"), "must be after from.");
    for (const [at, name] of named.entries()) known(name, within(within(place, "regions"), at));
  }
  return Object.fromEntries(
    regions.flatMap((name) => {
      const own = windows?.[name];
      const frozen = freezes.filter(({ regions: named }) => named === undefined || named.includes(name));
      if (own === undefined && frozen.length === 0) return [];
      return [
        [
          name,
          {
            timeZone: own?.timeZone ?? "UTC",
            windows: (own?.open ?? []).map(({ days: on, from, to }) => ({ days: on.flat(), from, to: to % 1440 })),
            freezes: frozen.map(({ from, to }): Freeze => ({ from, to })),
          },
        ],
      ];
    }),
  );
}
