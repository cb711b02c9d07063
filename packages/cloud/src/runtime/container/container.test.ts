import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseEnd } from "./container-events.ts";
import { containerOptions } from "./container-options.ts";
import { endOf } from "./container-state.ts";
import { engineSocket } from "./engine.ts";
import { withoutHeaders } from "./output.ts";

it("reads the output of both streams in order, however it is cut into pieces", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 20 })),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }),
      async (texts, sizes) => {
        const framed = Buffer.concat(
          texts.flatMap((text, index) => {
            const header = Buffer.from([1 + (index % 2), 0, 0, 0, 0, 0, 0, 0]);
            header.writeUInt32BE(text.length, 4);
            return [header, Buffer.from(text)];
          }),
        );
        async function* pieces() {
          for (let at = 0, turn = 0; at < framed.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            yield framed.subarray(at, at + size);
            at += size;
          }
        }
        const read: Buffer[] = [];
        for await (const chunk of withoutHeaders(pieces())) read.push(chunk);
        expect(Buffer.concat(read)).toEqual(Buffer.concat(texts));
      },
    ),
    { numRuns: 50 },
  );
});

it("knows the end of a container among the engine's events", () => {
  const event = (Action: string, Attributes = {}) => JSON.stringify({ Action, Actor: { ID: "c1", Attributes } });
  expect(parseEnd(event("die", { exitCode: "137" }))).toEqual({ containerId: "c1", exitCode: 137 });
  expect(parseEnd(event("destroy"))).toEqual({ containerId: "c1" });
  for (const other of ["start", "exec_start: sh -c die", "oom"]) expect(parseEnd(event(other))).toBeUndefined();
  expect(parseEnd("")).toBeUndefined();
});

it("asks the container engine that DOCKER_HOST names, if that is a socket of this machine", async () => {
  expect(await engineSocket({ DOCKER_HOST: "unix:///run/user/1/podman.sock" })).toBe("/run/user/1/podman.sock");
  expect(await engineSocket({ DOCKER_HOST: "tcp://10.0.0.1:2375" })).toBeUndefined();
  expect(await engineSocket({})).toMatch(/docker\.sock$/);
});

it("tells how a container has ended, and nothing of one that runs", () => {
  const state = { Running: false, Restarting: false, Status: "exited", ExitCode: 137, OOMKilled: true };
  const FinishedAt = "2026-01-01T00:00:00.5Z";
  expect(endOf({ State: { ...state, FinishedAt } } as Parameters<typeof endOf>[0])).toEqual({
    exit: { code: 137 },
    endedAt: Date.UTC(2026, 0, 1, 0, 0, 0, 500),
    outOfMemory: true,
  });
  expect(endOf({ State: { ...state, Running: true, FinishedAt } } as Parameters<typeof endOf>[0])).toBeUndefined();
});

it("asks the engine for published ports, limits, and an endpoint that containers reach", () => {
  const options = containerOptions(
    {
      key: "k1",
      address: "127.5.0.1",
      given: { environment: { AWS_ENDPOINT_URL: "http://127.0.0.1:4566", HOST: "x" }, port: 8080 },
      reachedAt: (port) => (port < 1024 ? port + 10_000 : port),
      limits: { memoryMib: 64, cpus: 0.25 },
    },
    { kind: "image", image: "nginx", ports: [80, 8080], hostFolder: "/nowhere" },
    {
      folderMark: "f1",
      network: "trysail",
      outputStart: 0,
      endpoint: { here: "http://127.0.0.1:4566", inContainers: "http://169.254.170.2:4566" },
    },
  );
  expect(options).toMatchObject({
    name: "trysail-f1-k1",
    Image: "nginx",
    Env: ["PORT=8080", "AWS_ENDPOINT_URL=http://169.254.170.2:4566", "HOST=0.0.0.0"],
    Labels: { "trysail.folder": "f1", "trysail.workload": "k1", "trysail.output-start": "0" },
    HostConfig: {
      PortBindings: {
        "80/tcp": [{ HostIp: "127.5.0.1", HostPort: "10080" }],
        "8080/tcp": [{ HostIp: "127.5.0.1", HostPort: "8080" }],
      },
      Memory: 64 * 2 ** 20,
      MemorySwap: 64 * 2 ** 20,
      NanoCpus: 250_000_000,
      RestartPolicy: { Name: "no" },
    },
  });
});
