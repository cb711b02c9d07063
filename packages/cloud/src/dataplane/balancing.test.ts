import { createServer } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ActionConfig, TargetGroupConfig } from "./data-plane.ts";
import {
  addressTarget,
  forwardTo,
  freePort,
  groupConfig,
  listen,
  listenerConfig,
  planeConfig,
  quickChecks,
  rule,
  Stage,
} from "./plane.test-kit.ts";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.clear());

/** Two targets that tell their name, and a plane that is not told of them yet. */
async function twoTargets() {
  const one = await stage.target((_, response) => response.end("one"));
  const two = await stage.target((_, response) => response.end("two"));
  const port = await freePort();
  const get = async (headers: Record<string, string> = {}) => fetch(`http://127.0.0.1:${port}/`, { headers });
  const names = async (count: number, headers: Record<string, string> = {}) => {
    const seen: string[] = [];
    for (let index = 0; index < count; index++) seen.push(await (await get(headers)).text());
    return seen;
  };
  const plane = stage.plane();
  const targets = [addressTarget(one.port), addressTarget(two.port)];
  const apply = (group: Partial<TargetGroupConfig> = {}, action: ActionConfig = forwardTo()) =>
    plane.apply(planeConfig(listenerConfig(port, { rules: [rule(action)] }), groupConfig(targets, group)));
  return { one, two, port, plane, targets, get, names, apply };
}

/** The cookies that an answer sets, as a client sends them back. */
const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");

test("a client is kept at its target by the balancer's cookie", async () => {
  const { plane, apply, get, names } = await twoTargets();
  await apply({ attributes: { "stickiness.enabled": "true", "stickiness.type": "lb_cookie" } });
  await plane.when("healthy");
  const first = await get();
  const cookie = cookiesOf(first);
  expect(cookie).toMatch(/^AWSALB=\S+; AWSALBCORS=/);
  const name = await first.text();
  expect(new Set(await names(4, { cookie }))).toEqual(new Set([name]));
  expect(new Set(await names(4))).toEqual(new Set(["one", "two"]));
});

test("a client is kept at its target as long as it has the application's cookie", async () => {
  const session = (name: string) => stage.target((_, response) => response.setHeader("set-cookie", "SID=1").end(name));
  const [one, two] = [await session("one"), await session("two")];
  const port = await freePort();
  const plane = stage.plane();
  const attributes = {
    "stickiness.enabled": "true",
    "stickiness.type": "app_cookie",
    "stickiness.app_cookie.cookie_name": "SID",
  };
  const group = groupConfig([addressTarget(one.port), addressTarget(two.port)], { attributes });
  await plane.apply(planeConfig(listenerConfig(port), group));
  await plane.when("healthy");
  const get = async (cookie: string) => fetch(`http://127.0.0.1:${port}/`, { headers: { cookie } });
  const first = await get("");
  const name = await first.text();
  const cookie = cookiesOf(first);
  expect(cookie).toMatch(/AWSALBAPP-0=/);
  for (let index = 0; index < 4; index++) expect(await (await get(cookie)).text()).toBe(name);
});

test("groups get requests by their weights, and keep their clients", async () => {
  const { port, plane, targets } = await twoTargets();
  const [one, two] = targets.map((target, index) => groupConfig([target], { arn: `group-${index}` }));
  const weigh = (first: number, second: number, stickinessSeconds?: number): ActionConfig => ({
    type: "forward",
    targetGroups: [
      { arn: "group-0", weight: first },
      { arn: "group-1", weight: second },
    ],
    ...(stickinessSeconds === undefined ? {} : { stickinessSeconds }),
  });
  const applyWeights = (action: ActionConfig) =>
    plane.apply(
      planeConfig(listenerConfig(port, { rules: [rule(action)] }), ...[one, two].flatMap((group) => group ?? [])),
    );
  const text = async (cookie = "") => (await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie } })).text();
  await applyWeights(weigh(1, 0));
  await plane.when("healthy");
  for (let index = 0; index < 5; index++) expect(await text()).toBe("one");
  await applyWeights(weigh(0, 1, 60));
  const kept = await fetch(`http://127.0.0.1:${port}/`);
  expect(await kept.text()).toBe("two");
  const cookie = cookiesOf(kept);
  expect(cookie).toMatch(/^AWSALBTG=\S+; AWSALBTGCORS=/);
  await applyWeights(weigh(1, 0, 60));
  expect([await text(), await text(cookie)]).toEqual(["one", "two"]);
});

test("a target that is drained gets no more requests, and ends those that it has", async () => {
  const held: (() => void)[] = [];
  let arrived = () => {};
  const hasArrived = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const slow = await stage.target((_, response) => {
    held.push(() => response.end("slow"));
    arrived();
  });
  const quick = await stage.target((_, response) => response.end("quick"));
  const port = await freePort();
  const plane = stage.plane();
  const config = (state: "used" | "draining") =>
    planeConfig(listenerConfig(port), groupConfig([addressTarget(slow.port, state), addressTarget(quick.port)]));
  await plane.apply(config("used"));
  await plane.when("healthy");
  const asked = [0, 1].map(async () => (await fetch(`http://127.0.0.1:${port}/`)).text());
  await hasArrived;
  await plane.apply(config("draining"));
  const draining = () => plane.plane.health().find(({ state }) => state === "draining");
  expect(draining()).toMatchObject({ inFlight: 1, reason: "Target.DeregistrationInProgress" });
  for (let index = 0; index < 3; index++) {
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("quick");
  }
  const over = plane.change();
  for (const end of held) end();
  expect((await Promise.all(asked)).toSorted()).toEqual(["quick", "slow"]);
  await over;
  expect(draining()).toMatchObject({ inFlight: 0 });
});

test("requests go to all targets when none is healthy, and to none that is known to be gone", async () => {
  const sick = createServer((request, response) => {
    response.statusCode = request.url === "/health" ? 500 : 200;
    response.end("sick");
  });
  stage.defer(() => {
    sick.closeAllConnections();
    sick.close();
  });
  const port = await freePort();
  const plane = stage.plane();
  const target = addressTarget(await listen(sick));
  await plane.apply(planeConfig(listenerConfig(port), groupConfig([target])));
  await plane.when("unhealthy");
  expect(plane.plane.health()).toMatchObject([
    { reason: "Target.ResponseCodeMismatch", description: "Health checks failed with these codes: [500]" },
  ]);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("sick");
  plane.plane.exited("127.0.0.1");
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(503);
});

test("a group without targets answers 503", async () => {
  const port = await freePort();
  await stage.plane().apply(planeConfig(listenerConfig(port), groupConfig([])));
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect([response.status, response.statusText]).toEqual([503, "Service Temporarily Unavailable"]);
});

test("requests that may be repeated are, while targets come and go", async () => {
  const { two, port, plane, targets } = await twoTargets();
  const breaking = await stage.target((request) => request.socket.destroy());
  const group = groupConfig([...targets, addressTarget(breaking.port)]);
  await plane.apply(planeConfig(listenerConfig(port), group));
  await plane.when("healthy");
  const get = async (init?: RequestInit) => (await fetch(`http://127.0.0.1:${port}/`, init)).status;
  for (let index = 0; index < 9; index++) {
    expect(await get({ method: "PUT", body: "again" })).toBe(200);
    if (index === 4) {
      two.server.closeAllConnections();
      two.server.close();
    }
  }
  const posted = [];
  for (let index = 0; index < 6; index++) posted.push(await get({ method: "POST", body: "once" }));
  // What the target may have carried out is not sent again.
  expect(new Set(posted)).toEqual(new Set([200, 502]));
});

test("a group that has changed its health check is checked by the new one", async () => {
  const { plane, apply } = await twoTargets();
  await apply();
  await plane.when("healthy");
  await apply({ healthCheck: { ...quickChecks, matcher: "418" } });
  await plane.when("unhealthy");
});

test("a redirect and a fixed answer are given by the balancer itself", async () => {
  const port = await freePort();
  const plane = stage.plane();
  const redirect = { protocol: "HTTPS", host: "#{host}", port: "443", path: "/#{path}", query: "#{query}" };
  const rules = [
    rule({ type: "redirect", ...redirect, status: 301 }, [{ field: "path-pattern", values: ["/old/*"] }]),
    rule({ type: "fixed-response", status: 404, contentType: "text/plain", body: "nöthing" }),
  ];
  await plane.apply(planeConfig(listenerConfig(port, { rules })));
  const moved = await fetch(`http://127.0.0.1:${port}/old/x?y=z`, { redirect: "manual" });
  expect([moved.status, moved.headers.get("location")]).toEqual([301, "https://127.0.0.1:443/old/x?y=z"]);
  const fixed = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "read and thrown away" });
  expect([fixed.status, fixed.headers.get("content-type"), await fixed.text()]).toEqual([404, "text/plain", "nöthing"]);
});

test("a function answers requests that are sent to it as events", async () => {
  const port = await freePort();
  const plane = stage.plane();
  plane.invoke = (functionArn, payload, done) => {
    const { httpMethod, path, body, headers } = JSON.parse(payload) as Record<string, Record<string, string>>;
    const seen = { functionArn, httpMethod, path, body, from: headers?.["x-forwarded-for"] };
    done(
      JSON.stringify({ statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(seen) }),
    );
  };
  const target = { key: "f", zone: "all", kind: "lambda", functionArn: "arn:f", state: "used" } as const;
  await plane.apply(planeConfig(listenerConfig(port), groupConfig([target])));
  await plane.when("healthy");
  const response = await fetch(`http://127.0.0.1:${port}/x`, {
    method: "POST",
    body: "hello",
    headers: { "content-type": "text/plain" },
  });
  expect(await response.json()).toEqual({
    functionArn: "arn:f",
    httpMethod: "POST",
    path: "/x",
    body: "hello",
    from: "127.0.0.1",
  });
  plane.invoke = (_functionArn, _payload, done) => done(undefined);
  expect((await fetch(`http://127.0.0.1:${port}/x`)).status).toBe(502);
});
