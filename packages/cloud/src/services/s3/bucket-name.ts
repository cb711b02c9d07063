/**
 * Whether a name is one that a general purpose bucket may have.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function isBucketName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return false;
  if (name.includes("..") || /^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return false;
  if (["xn--", "sthree-", "amzn-s3-demo-"].some((prefix) => name.startsWith(prefix))) return false;
  return !["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].some((suffix) => name.endsWith(suffix));
}
