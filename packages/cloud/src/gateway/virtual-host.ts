/**
 * The bucket that a virtual-hosted S3 request names in its host: `BUCKET.s3.localhost`, `BUCKET.s3.REGION.localhost`
 * or AWS's own `BUCKET.s3.REGION.amazonaws.com`; undefined if it names none.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function bucketOfHost(hostname: string): string | undefined {
  return /^(?<bucket>.+)\.s3(\.[a-z0-9-]+)?\.(localhost|amazonaws\.com)$/.exec(hostname)?.groups?.["bucket"];
}
