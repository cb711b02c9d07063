import { describe, expect, test } from "vitest";
import { corsFault, corsGrant, requestedHeaders } from "./cors.ts";

const rules = [
  {
    AllowedOrigins: ["https://*.app.test"],
    AllowedMethods: ["PUT", "POST"],
    AllowedHeaders: ["content-*", "X-Amz-Date"],
    ExposeHeaders: ["ETag"],
    MaxAgeSeconds: 60,
  },
  { AllowedOrigins: ["*"], AllowedMethods: ["GET"] },
];

describe("a request from another origin", () => {
  test.each([
    ["https://a.app.test", "PUT", "content-type, x-amz-date", "https://a.app.test"],
    ["https://a.app.test", "PUT", "authorization", undefined],
    ["https://app.test", "PUT", "", undefined],
    ["https://a.app.test", "GET", "", "*"],
    ["https://any.test", "GET", "", "*"],
    ["https://any.test", "GET", "x-other", undefined],
    ["https://any.test", "DELETE", "", undefined],
  ])("of %s with %s and the headers [%s] is allowed as: %s", (origin, method, headers, allowed) => {
    const grant = corsGrant(rules, { origin, method, requestedHeaders: requestedHeaders(headers) });
    expect(grant?.["access-control-allow-origin"]).toBe(allowed);
  });

  test("is told all that the rule says", () => {
    expect(
      corsGrant(rules, { origin: "https://a.app.test", method: "PUT", requestedHeaders: ["content-type"] }),
    ).toEqual({
      "access-control-allow-origin": "https://a.app.test",
      "access-control-allow-methods": "PUT, POST",
      "access-control-allow-headers": "content-type",
      "access-control-expose-headers": "ETag",
      "access-control-max-age": "60",
      "access-control-allow-credentials": "true",
      vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    });
  });

  test("may not send credentials where everybody may come", () => {
    expect(corsGrant(rules, { origin: "https://any.test", method: "GET", requestedHeaders: [] })).not.toHaveProperty(
      "access-control-allow-credentials",
    );
  });
});

test.each([
  [[], "MalformedXML"],
  [[{ AllowedOrigins: ["*"], AllowedMethods: [] }], "MalformedXML"],
  [[{ AllowedOrigins: ["*"], AllowedMethods: ["PATCH"] }], "InvalidRequest"],
  [[{ AllowedOrigins: ["https://*.*"], AllowedMethods: ["GET"] }], "InvalidRequest"],
  [[{ AllowedOrigins: ["*"], AllowedMethods: ["GET"], ExposeHeaders: ["x-*"] }], "InvalidRequest"],
  [rules, undefined],
])("the fault of %o is %s", (configuration, code) => {
  expect(corsFault(configuration)?.code).toBe(code);
});
