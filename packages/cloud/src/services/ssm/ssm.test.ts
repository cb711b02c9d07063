import {
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let ssm: SSMClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  ssm = cloud.client(SSMClient);
});
afterAll(() => cloud.stop());

const put = (Name: string, Value: string, more: object = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: "String", ...more }));
const get = async (Name: string, WithDecryption = false) =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;

describe("ssm parameters", () => {
  it("keep their versions, and are read by number and by label", async () => {
    await put("/app/size", "1");
    await put("/app/size", "2", { Overwrite: true });
    await ssm.send(new LabelParameterVersionCommand({ Name: "/app/size", ParameterVersion: 1, Labels: ["stable"] }));
    expect(await get("/app/size")).toMatchObject({ Value: "2", Version: 2 });
    expect(await get("/app/size:1")).toMatchObject({ Value: "1", Selector: ":1" });
    expect(await get("/app/size:stable")).toMatchObject({ Value: "1" });
    const { Parameters = [] } = await ssm.send(new GetParameterHistoryCommand({ Name: "/app/size" }));
    expect(Parameters.map(({ Version, Labels }) => [Version, Labels])).toEqual([
      [1, ["stable"]],
      [2, []],
    ]);
  });

  it("are read by ARN, with and without a slash", async () => {
    await put("plain", "x");
    const { ARN = "" } = (await get("plain")) ?? {};
    expect(ARN).toBe("arn:aws:ssm:us-east-1:000000000000:parameter/plain");
    expect(await get(ARN)).toMatchObject({ Name: "plain" });
  });

  it("of type SecureString are encrypted, and decrypted on demand only", async () => {
    await put("/app/secret", "hunter2", { Type: "SecureString" });
    expect((await get("/app/secret"))?.Value).not.toContain("hunter2");
    expect((await get("/app/secret", true))?.Value).toBe("hunter2");
  });

  it("are not overwritten without being asked to, nor against their pattern", async () => {
    await put("/app/once", "1", { AllowedPattern: "^\\d+$" });
    await expect(put("/app/once", "2")).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
    await expect(put("/app/once", "two", { Overwrite: true })).rejects.toMatchObject({
      name: "ParameterPatternMismatchException",
    });
    for (const reserved of ["/aws/mine", "awsMine", "SSM-mine"]) {
      await expect(put(reserved, "x")).rejects.toMatchObject({ name: "ValidationException" });
    }
  });

  it("are listed by path: one level, or all below, by pages", async () => {
    for (const name of ["/tree/a", "/tree/b/c", "/tree/b/d", "/treehouse"]) await put(name, "x");
    const list = async (Recursive: boolean) => {
      const names: (string | undefined)[] = [];
      let NextToken: string | undefined;
      do {
        const page = await ssm.send(
          new GetParametersByPathCommand({ Path: "/tree", Recursive, MaxResults: 2, NextToken }),
        );
        names.push(...(page.Parameters ?? []).map(({ Name }) => Name));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return names;
    };
    expect(await list(false)).toEqual(["/tree/a"]);
    expect(await list(true)).toEqual(["/tree/a", "/tree/b/c", "/tree/b/d"]);
    const described = await ssm.send(
      new DescribeParametersCommand({ ParameterFilters: [{ Key: "Name", Option: "BeginsWith", Values: ["/treeh"] }] }),
    );
    expect(described.Parameters).toMatchObject([{ Name: "/treehouse", Version: 1 }]);
  });

  it("that are missing are told apart", async () => {
    await put("/app/here", "x");
    const { Parameters = [], InvalidParameters } = await ssm.send(
      new GetParametersCommand({ Names: ["/app/here", "/app/gone"] }),
    );
    expect(Parameters.map(({ Name }) => Name)).toEqual(["/app/here"]);
    expect(InvalidParameters).toEqual(["/app/gone"]);
    await expect(get("/app/gone")).rejects.toMatchObject({ name: "ParameterNotFound" });
    await expect(get("/app/here:9")).rejects.toMatchObject({ name: "ParameterVersionNotFound" });
    expect(await ssm.send(new DeleteParametersCommand({ Names: ["/app/here", "/app/gone"] }))).toMatchObject({
      DeletedParameters: ["/app/here"],
      InvalidParameters: ["/app/gone"],
    });
  });
});
