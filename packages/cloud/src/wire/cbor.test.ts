import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { decodeRequest, modelFor } from "./index.ts";

const headers = { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" };
const model = modelFor("monitoring", { method: "POST", path: "/", query: "", headers });

const decode = (operation: string, body: Uint8Array) =>
  decodeRequest(model, {
    method: "POST",
    path: `/service/GraniteServiceVersion20100801/operation/${operation}`,
    query: "",
    headers,
    body: Readable.from(body.length === 0 ? [] : [Buffer.from(body)]),
  });

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

describe("a request in CBOR", () => {
  it("may have lists and maps of which the length is not told in advance", async () => {
    // {_ "AlarmNames": [_ "ab"]}
    const body = hex("bf 6a 416c61726d4e616d6573 9f 62 6162 ff ff");
    expect((await decode("DescribeAlarms", body)).input).toEqual({ AlarmNames: ["ab"] });
  });

  it("may have no body where nothing is demanded", async () => {
    expect((await decode("DescribeAlarms", new Uint8Array())).input).toEqual({});
  });

  it.each([
    ["is cut off", hex("a1 6a 416c"), "DescribeAlarms"],
    ["is no map", hex("83 01 02 03"), "DescribeAlarms"],
    ["has a text where a list belongs", hex("a1 6a 416c61726d4e616d6573 61 61"), "DescribeAlarms"],
    ["has a text for a time", hex("a1 69 537461727454696d65 c1 61 78"), "GetMetricData"],
  ])("is refused where it %s", async (_, body, operation) => {
    await expect(decode(operation, body)).rejects.toMatchObject({ code: "SerializationException" });
  });

  it("names an operation that there is", async () => {
    await expect(decode("MakeCoffee", hex("a0"))).rejects.toMatchObject({ code: "UnknownOperationException" });
  });
});
