import { describe, expect, it } from "vitest";
import { deliveryMeasures, type EndedRollout } from "./measures.ts";

const hour = 3_600_000;
const day = 24 * hour;
const ended = (part: Partial<EndedRollout> & Pick<EndedRollout, "endedAt">): EndedRollout => ({
  id: "playback-prod.1",
  kind: "rollout",
  status: "succeeded",
  createdAt: part.endedAt - hour,
  failedAt: undefined,
  committedAt: undefined,
  ...part,
});

describe("the delivery measures", () => {
  it("are of what reached all regions, what failed, and how soon it was as before", () => {
    const measures = deliveryMeasures(
      [
        ended({ endedAt: 2 * hour, committedAt: 0 }),
        ended({ endedAt: 10 * hour, committedAt: 6 * hour }),
        ended({ endedAt: 20 * hour, status: "undone", createdAt: 18 * hour, failedAt: 19 * hour }),
        ended({ endedAt: 30 * hour, kind: "rollback", createdAt: 27 * hour }),
        ended({ endedAt: 40 * hour, status: "halted", createdAt: 38 * hour, failedAt: 39 * hour }),
      ],
      { from: 0, to: 4 * day },
    );
    expect(measures).toEqual({
      deployments: 2,
      deploymentsPerDay: 0.5,
      leadTimeMs: 3 * hour,
      changeFailureRate: 0.75,
      timeToRestoreMs: 2 * hour,
    });
  });

  it("leave out what ended at another time, and what was taken back before its turn", () => {
    const measures = deliveryMeasures(
      [
        ended({ endedAt: day + hour }),
        ended({ endedAt: hour, createdAt: 0, status: "undone", failedAt: 0 }),
        ended({ endedAt: 2 * hour }),
      ],
      { from: 0, to: day },
    );
    expect(measures).toMatchObject({ deployments: 1, changeFailureRate: 0, leadTimeMs: null, timeToRestoreMs: null });
  });

  it("are null where nothing was rolled out", () => {
    expect(deliveryMeasures([], { from: 0, to: day })).toEqual({
      deployments: 0,
      deploymentsPerDay: 0,
      leadTimeMs: null,
      changeFailureRate: null,
      timeToRestoreMs: null,
    });
  });
});
