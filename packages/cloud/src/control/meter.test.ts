import { manualClock, silentLog } from "@trysail/core";
import { describe, expect, it } from "vitest";
import type { TimedMeasurement } from "../kernel/measurement.ts";
import type { RowScope } from "../store/table.ts";
import { createMeter, gatherMs } from "./meter.ts";

const here: RowScope = { account: "000000000000", region: "eu-west-1" };
const there: RowScope = { account: "000000000000", region: "us-east-1" };

const requests = (at: number): TimedMeasurement => ({
  namespace: "AWS/ApplicationELB",
  name: "RequestCount",
  unit: "Count",
  series: [{}],
  values: [1],
  at,
});

function meter(keep: (scope: RowScope, measurements: readonly TimedMeasurement[]) => void) {
  const clock = manualClock();
  return { clock, meter: createMeter({ clock, log: silentLog, keep }) };
}

describe("the meter", () => {
  it("keeps what has gathered together, each region's by itself", async () => {
    const kept: [string, number][] = [];
    const { clock, meter: it } = meter(({ region }, measurements) => void kept.push([region, measurements.length]));
    it.add(here, requests(1));
    it.add(here, requests(2));
    it.add(there, requests(3));
    await clock.advance({ ms: gatherMs - 1 });
    expect(kept).toEqual([]);
    await clock.advance({ ms: 1 });
    expect(kept).toEqual([
      ["eu-west-1", 2],
      ["us-east-1", 1],
    ]);
    await clock.advance({ seconds: 10 });
    expect(kept).toHaveLength(2);
  });

  it("goes on after what could not be kept", async () => {
    const kept: string[] = [];
    const { clock, meter: it } = meter(({ region }) => {
      if (region === here.region) throw new Error("no space");
      kept.push(region);
    });
    it.add(here, requests(1));
    it.add(there, requests(1));
    await clock.advance({ ms: gatherMs });
    it.add(there, requests(2));
    it.close();
    it.add(there, requests(3));
    await clock.advance({ ms: gatherMs });
    expect(kept).toEqual(["us-east-1", "us-east-1"]);
  });
});
