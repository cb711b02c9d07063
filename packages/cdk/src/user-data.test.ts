import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startScript } from "./user-data.ts";

/** A zip with a file `version`. */
const artifact = Buffer.from(
  "UEsDBBQAAAAAAAAAIQCAaQGAAgAAAAIAAAAHAAAAdmVyc2lvbnY3UEsBAhQDFAAAAAAAAAAhAIBpAYACAAAAAgAAAAcAAAAAAAAAAAAAAIABAAAAAHZlcnNpb25QSwUGAAAAAAEAAQA1AAAAJwAAAAAA",
  "base64",
);

const metadata: Readonly<Record<string, string>> = {
  "placement/region": "eu-west-1",
  "iam/security-credentials/": "fleet",
  "iam/security-credentials/fleet": JSON.stringify({ AccessKeyId: "AK", SecretAccessKey: "SK", Token: "T" }, null, 1),
};

/** Where there is one. */
const withoutAwsCli = `command() { [ "$2" != aws ] && builtin command "$@"; }`;

it("fetches an artifact from another region without the aws CLI, signed for there, and runs it", async () => {
  const signed: (string | undefined)[] = [];
  const server = createServer(({ method, url = "", headers }, response) => {
    if (method === "HEAD") response.writeHead(403, { "X-Amz-Bucket-Region": "us-west-2" }).end();
    else if (url === "/artifacts/build/app.zip") {
      signed.push(headers.authorization);
      response.end(artifact);
    } else response.end(url === "/latest/api/token" ? "token" : metadata[url.replace("/latest/meta-data/", "")]);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const folder = mkdtempSync(join(tmpdir(), "trysail-user-data-"));
  try {
    const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const script = startScript(['printf "%s at %s" "$(cat version)" "$PORT" > ../ran'], 8080);
    const bash = spawn("bash", ["-c", `${withoutAwsCli}\n${script}`], {
      cwd: folder,
      env: {
        PATH: "/usr/bin:/bin",
        AWS_ENDPOINT_URL: here,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: `${here}/`,
        TRYSAIL_ARTIFACT: "s3://artifacts/build/app.zip",
      },
      stdio: ["ignore", "inherit", "inherit"],
    });
    expect((await once(bash, "exit"))[0]).toBe(0);
    expect(readFileSync(join(folder, "ran"), "utf8")).toBe("v7 at 8080");
    expect(signed).toEqual([
      expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=AK\/\d+\/us-west-2\/s3\/aws4_request/),
    ]);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
