import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Instance } from "../instance/instance.ts";
import type { Destination } from "./environment.ts";

/** A key that callers sign with. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What Trysail accepts unless it is told otherwise: a convention of local clouds, and no secret. */
export const localKey: AccessKey = { accessKeyId: "test", secretAccessKey: "test" };

const account = "000000000000";

const filesOf = (data: string) => ({
  configFile: join(data, "aws", "config"),
  credentialsFile: join(data, "aws", "credentials"),
  cdkHome: join(data, "cdk-home"),
});

/** Writes the AWS configuration of Trysail's own, which commands get in place of the user's. */
export async function writeEnvironmentFiles({ data, endpoint, regions }: Instance, key: AccessKey): Promise<void> {
  const { configFile, credentialsFile, cdkHome } = filesOf(data);
  await mkdir(join(data, "aws"), { recursive: true });
  await mkdir(cdkHome, { recursive: true });
  await writeWhole(
    configFile,
    `# Written by Trysail at each start.\n[default]\nregion = ${regions[0]}\nendpoint_url = ${endpoint}\n`,
  );
  await writeWhole(
    credentialsFile,
    `[default]\naws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n`,
  );
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}

/** The key that a Trysail demands, as its data folder tells. */
export async function accessKeyOf(data: string): Promise<AccessKey> {
  const text = await readFile(filesOf(data).credentialsFile, "utf8");
  const valueOf = (name: string) => new RegExp(`^${name} = (.*)$`, "m").exec(text)?.[1] ?? "";
  return { accessKeyId: valueOf("aws_access_key_id"), secretAccessKey: valueOf("aws_secret_access_key") };
}

/** @param region - @defaultValue the instance's first */
export async function destinationOf(
  instance: Instance,
  region = instance.regions[0] ?? "us-east-1",
): Promise<Destination> {
  return {
    endpoint: instance.endpoint,
    region,
    account,
    ...(await accessKeyOf(instance.data)),
    ...filesOf(instance.data),
  };
}
