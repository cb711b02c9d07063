import { describe, expect, test } from "vitest";
import { errorPage } from "./pages.ts";
import { keyOf, redirectAll, routedTo, websiteFault } from "./plan.ts";

const rules = [
  { Condition: { KeyPrefixEquals: "docs/" }, Redirect: { ReplaceKeyPrefixWith: "documents/" } },
  { Condition: { KeyPrefixEquals: "images/" }, Redirect: { ReplaceKeyWith: "gone.html", HttpRedirectCode: "302" } },
  {
    Condition: { KeyPrefixEquals: "api/", HttpErrorCodeReturnedEquals: "404" },
    Redirect: { HostName: "api.test", Protocol: "https" as const },
  },
  {
    Condition: { HttpErrorCodeReturnedEquals: "404" },
    Redirect: { ReplaceKeyPrefixWith: "#!/", HttpRedirectCode: "307" },
  },
];

describe("routing rules", () => {
  test.each([
    ["docs/a b.html", undefined, 301, "http://site.test/documents/a%20b.html"],
    ["images/x.png", undefined, 302, "http://site.test/gone.html"],
    ["api/v1", undefined, undefined, undefined],
    ["api/v1", 404, 301, "https://api.test/api/v1"],
    ["page", 404, 307, "http://site.test/#!/page"],
    ["page", 403, undefined, undefined],
    ["docs/x", 404, 307, "http://site.test/#!/docs/x"],
  ])("send %s after %s with %s to %s", (key, error, status, location) => {
    expect(routedTo(rules, key, error, "site.test")).toEqual(status === undefined ? undefined : { status, location });
  });
});

test("a site that redirects everything keeps path and query", () => {
  expect(redirectAll({ HostName: "new.test", Protocol: "https" }, "/a?b=c")).toEqual({
    status: 301,
    location: "https://new.test/a?b=c",
  });
});

test.each([
  ["", "index.html"],
  ["docs/", "docs/index.html"],
  ["docs", "docs"],
])("the path '%s' is the object %s", (path, key) => {
  expect(keyOf(path, "index.html")).toBe(key);
});

test.each([
  [{}, "InvalidArgument"],
  [{ IndexDocument: { Suffix: "a/b" } }, "InvalidArgument"],
  [{ IndexDocument: { Suffix: "index.html" }, ErrorDocument: { Key: "" } }, "InvalidArgument"],
  [{ IndexDocument: { Suffix: "index.html" }, RedirectAllRequestsTo: { HostName: "x" } }, "InvalidArgument"],
  [
    {
      IndexDocument: { Suffix: "index.html" },
      RoutingRules: [{ Redirect: { ReplaceKeyWith: "a", ReplaceKeyPrefixWith: "b" } }],
    },
    "InvalidRequest",
  ],
  [
    { IndexDocument: { Suffix: "index.html" }, RoutingRules: [{ Redirect: { HttpRedirectCode: "200" } }] },
    "InvalidRequest",
  ],
  [{ RedirectAllRequestsTo: { HostName: "x" } }, undefined],
  [{ IndexDocument: { Suffix: "index.html" }, ErrorDocument: { Key: "error.html" }, RoutingRules: rules }, undefined],
])("the fault of %o is %s", (site, code) => {
  expect(websiteFault(site)?.code).toBe(code);
});

test("an error page tells what happened, with nothing in it that a browser would run", () => {
  const page = errorPage(404, { Code: "NoSuchKey", Key: "<script>" }, { Code: "AccessDenied" });
  expect(page).toContain("<title>404 Not Found</title>");
  expect(page).toContain("<li>Key: &lt;script&gt;</li>");
  expect(page).toContain("Custom Error Document</h3>\n<ul>\n<li>Code: AccessDenied</li>");
});
