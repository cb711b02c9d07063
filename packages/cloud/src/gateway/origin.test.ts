import { describe, expect, it } from "vitest";
import { foreignOrigin, hostnameOf, isOwnHost } from "./origin.ts";

const head = (headers: Record<string, string>) => ({
  method: "POST",
  path: "/",
  query: "",
  headers: { host: "127.0.0.1:4566", ...headers },
});

describe("hosts and origins", () => {
  it.each([
    ["127.0.0.1:4566", true],
    ["127.10.20.30", true],
    ["169.254.170.2:4566", true],
    ["host.docker.internal:4566", true],
    ["127.0.0.1.evil.example", false],
    ["localhost:4566", true],
    ["[::1]:4566", true],
    ["site.s3-website-us-east-1.localhost:4566", true],
    ["evil.example", false],
    ["127.0.0.1.evil.example:4566", false],
    ["notlocalhost", false],
  ])("%s is ours: %s", (host, ours) => {
    expect(isOwnHost(hostnameOf(host), "127.0.0.1")).toBe(ours);
  });

  it.each([
    ["a client that is no browser", {}, undefined],
    ["a page of our own", { origin: "http://127.0.0.1:4566" }, undefined],
    ["a page of another port", { origin: "http://127.0.0.1:3000" }, "http://127.0.0.1:3000"],
    ["a page of another site", { origin: "https://evil.example" }, "https://evil.example"],
    ["a sandboxed page", { origin: "null" }, "null"],
    ["an image on another site's page", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, "null"],
    ["a link that was followed", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, undefined],
  ])("%s", (_, headers, foreign) => {
    expect(foreignOrigin(head(headers))).toBe(foreign);
  });
});
