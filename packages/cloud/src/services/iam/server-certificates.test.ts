import {
  DeleteServerCertificateCommand,
  GetServerCertificateCommand,
  IAMClient,
  ListServerCertificatesCommand,
  UploadServerCertificateCommand,
} from "@aws-sdk/client-iam";
import type { UploadServerCertificateCommandInput } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { otherPrivateKey, testCertificate, testPrivateKey } from "./server-certificate.test-kit.ts";

let cloud: TestCloud;
let iam: IAMClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  iam = cloud.client(IAMClient);
});
afterAll(() => cloud.stop());

const upload = (input: Partial<UploadServerCertificateCommandInput> = {}) =>
  iam.send(
    new UploadServerCertificateCommand({
      ServerCertificateName: "shop",
      CertificateBody: testCertificate,
      PrivateKey: testPrivateKey,
      ...input,
    }),
  );

describe("server certificates", () => {
  it("are given back without their key", async () => {
    const { ServerCertificateMetadata: made } = await upload({ Path: "/web/" });
    expect(made).toMatchObject({
      Arn: "arn:aws:iam::000000000000:server-certificate/web/shop",
      ServerCertificateId: expect.stringMatching(/^ASCA/) as string,
    });
    const get = () => iam.send(new GetServerCertificateCommand({ ServerCertificateName: "shop" }));
    const { ServerCertificate: found } = await get();
    expect(found).toMatchObject({ ServerCertificateMetadata: made, CertificateBody: testCertificate });
    expect(JSON.stringify(found)).not.toContain("PRIVATE KEY");
    await expect(upload()).rejects.toMatchObject({ name: "EntityAlreadyExistsException" });
    const { ServerCertificateMetadataList: all } = await iam.send(
      new ListServerCertificatesCommand({ PathPrefix: "/web/" }),
    );
    expect(all).toEqual([made]);
    await iam.send(new DeleteServerCertificateCommand({ ServerCertificateName: "shop" }));
    await expect(get()).rejects.toMatchObject({ name: "NoSuchEntityException" });
  });

  it.each([
    ["KeyPairMismatchException", { PrivateKey: otherPrivateKey }],
    ["MalformedCertificateException", { PrivateKey: "x" }],
    ["MalformedCertificateException", { CertificateBody: "x" }],
    ["MalformedCertificateException", { CertificateChain: "x" }],
  ])("must fit together: %s", async (name, input) => {
    await expect(upload(input)).rejects.toMatchObject({ name });
  });
});
