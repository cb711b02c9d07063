import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectCannedACL } from "@aws-sdk/client-s3";
import { eachFile } from "../archive.ts";
import { downloadObject } from "../artifacts.ts";
import { contentType } from "./content-type.ts";
import type { Provider } from "./provider.ts";

const uploadsAtOnce = 16;

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html */
export const s3Deploy: Provider = {
  async step({ input, acting, storing, folder }) {
    const {
      BucketName: Bucket = "",
      Extract,
      ObjectKey: place = "",
      CannedACL,
      CacheControl,
      KMSEncryptionKeyARN: keyArn,
    } = input.configuration;
    const [artifact] = input.inputs;
    if (artifact === undefined) throw new Error("a deploy action has no input");
    const file = join(folder, "artifact.zip");
    await downloadObject(storing, artifact, file);
    const common = {
      Bucket,
      CacheControl,
      // The console separates several by commas; S3 takes one.
      ACL: CannedACL?.split(",")[0]?.trim() as ObjectCannedACL | undefined,
      ...(keyArn === undefined ? {} : { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: keyArn }),
    };
    if (Extract === "true") {
      const prefix = place === "" || place.endsWith("/") ? place : `${place}/`;
      await eachFile(file, uploadsAtOnce, async ({ path, sizeBytes, open }) => {
        await acting.call.s3.putObject({
          ...common,
          Key: prefix + path,
          Body: await open(),
          ContentLength: sizeBytes,
          ContentType: contentType(path),
        });
      });
    } else {
      const { size } = await stat(file);
      await acting.call.s3.putObject({
        ...common,
        Key: place,
        Body: createReadStream(file),
        ContentLength: size,
        ContentType: contentType(place),
      });
    }
    return {
      status: "succeeded",
      summary: "Deployment Succeeded",
      variables: { BucketName: Bucket, ObjectKey: place },
    };
  },
};
