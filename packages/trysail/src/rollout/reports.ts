import { TrysailError } from "@trysail/core";

/** A judgement's report. */
export interface StoredReport {
  readonly key: string;
  readonly region: string;
  /** From 1. */
  readonly number: number;
}

/** What the keys of reports tell: `reports/ID/REGION-canary-NUMBER`. */
export const reportsOf = (keys: readonly string[]): readonly StoredReport[] =>
  keys.flatMap((key) => {
    const [, region, number] = /([^/]+)-canary-(\d+)$/.exec(key) ?? [];
    return region === undefined ? [] : [{ key, region, number: Number(number) }];
  });

/**
 * The report that is meant; else the newest.
 *
 * @throws TrysailError `report-not-found` (fault: user), which tells those that there are
 */
export function chooseReport(
  id: string,
  reports: readonly StoredReport[],
  wanted: { readonly region?: string | undefined; readonly number?: number | undefined },
): StoredReport {
  const found = reports
    .filter(({ region }) => wanted.region === undefined || region === wanted.region)
    .filter(({ number }) => wanted.number === undefined || number === wanted.number)
    .toSorted((a, b) => b.number - a.number)[0];
  if (found !== undefined) return found;
  const known = reports.map(({ region, number }) => `${region} ${number}`).join(", ");
  throw new TrysailError(
    "report-not-found",
    reports.length === 0 ? `No canary of ${id} was judged yet.` : `There is no such judgement of ${id}.`,
    { fault: "user", ...(reports.length === 0 ? {} : { next: `There are: ${known}.` }) },
  );
}
