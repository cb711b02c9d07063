import type { Artifact } from "@aws-sdk/client-codepipeline";
import type { PlacedArtifact } from "./model.ts";

/** An artifact as jobs tell of it. */
export const artifactOf = ({ name, bucket, key, revision }: PlacedArtifact): Artifact => ({
  name,
  revision: revision?.id,
  location: { type: "S3", s3Location: { bucketName: bucket, objectKey: key } },
});
