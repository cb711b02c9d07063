/**
 * A shell script that fetches the version which it is told, unpacks it into `app`, and runs it there. It runs unchanged on
 * Amazon Linux 2023 and on the instances of a local Trysail.
 *
 * Who makes a server group tells the version in the environment, right after the first line: `TRYSAIL_ARTIFACT`
 * (`s3://bucket/key` of a zip), `TRYSAIL_VERSION` and `TRYSAIL_SERVER_GROUP`.
 *
 * @param start - commands, run in the unpacked folder; the last one becomes the instance's program
 * @param port - that the service listens on, told as `PORT`
 */
export function startScript(start: readonly string[], port: number): string {
  const before = start.slice(0, -1);
  const last = start.at(-1);
  return [
    "#!/bin/bash",
    "set -euo pipefail",
    `export PORT="\${PORT:-${port}}"`,
    ...fetching,
    "mkdir -p app",
    "if command -v unzip >/dev/null; then unzip -q -o artifact.zip -d app; else python3 -m zipfile -e artifact.zip app; fi",
    "cd app",
    ...before,
    ...(last === undefined ? [] : [`exec ${last}`]),
    "",
  ].join("\n");
}

/** Amazon Linux has the aws CLI; where there is none, curl signs with the instance's own credentials. */
const fetching = [
  "fetch_artifact() {",
  '  if command -v aws >/dev/null; then aws s3 cp --quiet "$TRYSAIL_ARTIFACT" artifact.zip; return; fi',
  '  local imds="${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}" token region object s3 home role keys',
  '  imds="${imds%/}"',
  '  token="$(curl -fsS -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 300" "$imds/latest/api/token")"',
  '  meta() { curl -fsS -H "X-aws-ec2-metadata-token: $token" "$imds/latest/meta-data/$1"; }',
  '  region="$(meta placement/region)" object="${TRYSAIL_ARTIFACT#s3://}"',
  '  s3="${AWS_ENDPOINT_URL:-https://s3.$region.amazonaws.com}"',
  // S3 tells anybody where a bucket is, and takes signatures for there only.
  '  home="$(curl -sSI "$s3/${object%%/*}" | tr -d "\\r" | sed -n "s/^x-amz-bucket-region: *//Ip")"',
  '  region="${home:-$region}"',
  '  role="$(meta iam/security-credentials/)"',
  '  keys="$(meta "iam/security-credentials/$role")"',
  `  key() { sed -n 's/.*"'"$1"'" *: *"\\([^"]*\\)".*/\\1/p' <<<"$keys"; }`,
  '  curl -fsS --aws-sigv4 "aws:amz:$region:s3" --user "$(key AccessKeyId):$(key SecretAccessKey)" \\',
  '    -H "x-amz-security-token: $(key Token)" -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" \\',
  '    -o artifact.zip "${AWS_ENDPOINT_URL:-https://s3.$region.amazonaws.com}/$object"',
  "}",
  // The role's permissions, and the balancer's patience, may come a moment later.
  'for attempt in 1 2 3 4 5; do fetch_artifact && break; [ "$attempt" = 5 ] && exit 1; sleep "$attempt"; done',
];
