import { join } from "node:path";
import { downloadObject, uploadArtifact } from "../artifacts.ts";
import type { Provider } from "./provider.ts";

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html */
export const s3Source: Provider = {
  async step({ record, input, execution, acting, storing, folder }) {
    const {
      S3Bucket: bucket = "",
      S3ObjectKey: declaredKey = "",
      AllowOverrideForS3ObjectKey: mayOverride,
    } = input.configuration;
    const [output] = input.outputs;
    if (output === undefined) throw new Error("a source action has no output");
    const override = execution.sourceOverrides.find(({ actionName }) => actionName === record.name);
    const key =
      override?.revisionType === "S3_OBJECT_KEY" && mayOverride === "true" ? override.revisionValue : declaredKey;
    const asked = override?.revisionType === "S3_OBJECT_VERSION_ID" ? override.revisionValue : undefined;
    const head = await acting.call.s3.headObject({ Bucket: bucket, Key: key, VersionId: asked });
    const versionId = head.VersionId;
    if (versionId === undefined || versionId === "null") {
      return {
        status: "failed",
        code: "ConfigurationError",
        message: `The bucket ${bucket} has no versioning. Enable versioning, so that each execution is of one version of ${key}.`,
      };
    }
    const file = join(folder, "source.zip");
    await downloadObject(acting, { bucket, key, versionId }, file);
    await uploadArtifact(storing, output, file);
    const etag = (head.ETag ?? "").replaceAll('"', "");
    return {
      status: "succeeded",
      externalId: versionId,
      summary: `Amazon S3 version id: ${versionId}`,
      revision: {
        revisionId: versionId,
        revisionSummary: `Amazon S3 version id: ${versionId}`,
        revisionUrl: undefined,
      },
      variables: { BucketName: bucket, ObjectKey: key, ETag: etag, VersionId: versionId },
    };
  },
};
