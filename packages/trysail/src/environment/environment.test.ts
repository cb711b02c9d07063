import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changed, commandToRun, environmentChanges, shellCommands } from "./environment.ts";

const destination = {
  endpoint: "http://127.0.0.1:4566",
  region: "eu-west-1",
  account: "000000000000",
  accessKeyId: "test",
  secretAccessKey: "secret",
  configFile: "/data/aws/config",
  credentialsFile: "/data/aws/credentials",
  cdkHome: "/data/cdk-home",
};

describe("the environment of a command", () => {
  const user = {
    PATH: "/bin",
    HOME: "/home/ann",
    AWS_PROFILE: "production",
    AWS_SESSION_TOKEN: "real",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/admin",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
    AWS_ENDPOINT_URL_S3: "https://s3.amazonaws.com",
    AWS_CONFIG_FILE: "/home/ann/.aws/config",
    AWS_ACCESS_KEY_ID: "AKIAREAL",
    aws_profile: "production",
    BOTO_CONFIG: "/home/ann/.boto",
  };
  const environment = changed(user, environmentChanges(user, destination));

  it("holds nothing of the user's own AWS variables, and leaves the rest alone", () => {
    const left = Object.entries(environment).filter(
      ([name, value]) => (user as Record<string, string>)[name] === value,
    );
    expect(left).toEqual([
      ["PATH", "/bin"],
      ["HOME", "/home/ann"],
    ]);
    expect(Object.keys(environment)).not.toContain("AWS_SESSION_TOKEN");
    expect(Object.keys(environment)).not.toContain("aws_profile");
  });

  it("leads to Trysail, with files and a key of Trysail's own", () => {
    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "eu-west-1",
      AWS_CONFIG_FILE: "/data/aws/config",
      AWS_SHARED_CREDENTIALS_FILE: "/data/aws/credentials",
      AWS_EC2_METADATA_DISABLED: "true",
      CDK_HOME: "/data/cdk-home",
    });
  });

  it("keeps a proxy away from the loopback addresses, wherever its exceptions are listed", () => {
    const behindProxy = { NO_PROXY: "corp.example, 127.0.0.1", npm_config_no_proxy: "npm.example" };
    const { NO_PROXY, no_proxy, npm_config_no_proxy } = environmentChanges(behindProxy, destination);
    expect(NO_PROXY).toBe("corp.example,127.0.0.1,localhost,.localhost,::1");
    expect(no_proxy).toBe(NO_PROXY);
    expect(npm_config_no_proxy).toBe("npm.example,127.0.0.1,localhost,.localhost,::1");
    expect(environmentChanges({ NO_PROXY: "*" }, destination)["NO_PROXY"]).toBe("*");
  });
});

describe("the commands for a shell", () => {
  it("give a shell exactly these values, whatever is in them", () => {
    const value = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(value, (text) => {
        const script = shellCommands({ X: text, Y: undefined }, "posix").join("\n");
        const printed = execFileSync("sh", ["-c", `${script}\nprintf '%s,%s' "$X" "\${Y-unset}"`], {
          env: { Y: "set" },
        });
        expect(printed.toString()).toBe(`${text},unset`);
      }),
      { numRuns: 25 },
    );
  });

  it("are fish's own where fish is asked for", () => {
    expect(shellCommands({ A: String.raw`it's \n`, B: undefined }, "fish")).toEqual([
      String.raw`set -gx A 'it\'s \\n';`,
      "set -e B;",
    ]);
  });
});

describe("the command to run", () => {
  it("tells the aws CLI the endpoint, for its old versions ignore the variable", () => {
    const endpoint = "http://127.0.0.1:1";
    expect(commandToRun(["aws", "s3", "ls"], endpoint)).toEqual(["aws", "--endpoint-url", endpoint, "s3", "ls"]);
    expect(commandToRun(["/usr/bin/aws", "s3", "ls"], endpoint)[1]).toBe("--endpoint-url");
    expect(commandToRun(["aws", "--endpoint-url=http://other", "s3"], endpoint)).toHaveLength(3);
    expect(commandToRun(["laws", "s3"], endpoint)).toEqual(["laws", "s3"]);
  });
});
