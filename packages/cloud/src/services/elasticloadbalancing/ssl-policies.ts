import type { SslPolicy } from "@aws-sdk/client-elastic-load-balancing-v2";
import { errors } from "./errors.ts";

const tls13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
const forwardSecret = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
];
const forwardSecretCbc = [
  "ECDHE-ECDSA-AES128-SHA256",
  "ECDHE-RSA-AES128-SHA256",
  "ECDHE-ECDSA-AES256-SHA384",
  "ECDHE-RSA-AES256-SHA384",
];
const forwardSecretSha1 = [
  "ECDHE-ECDSA-AES128-SHA",
  "ECDHE-RSA-AES128-SHA",
  "ECDHE-RSA-AES256-SHA",
  "ECDHE-ECDSA-AES256-SHA",
];
const rsa = ["AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256"];
const rsaSha1 = ["AES128-SHA", "AES256-SHA"];

const upTo12 = [...forwardSecret, ...forwardSecretCbc];
const allForwardSecret = [...upTo12, ...forwardSecretSha1];
const all = [...allForwardSecret, ...rsa, ...rsaSha1];

type Version = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
const versions: readonly Version[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

function policy(name: string, from: Version, to: Version, ciphers: readonly string[]): SslPolicy {
  return {
    Name: name,
    SslProtocols: versions.slice(versions.indexOf(from), versions.indexOf(to) + 1),
    Ciphers: ciphers.map((cipher, index) => ({ Name: cipher, Priority: index + 1 })),
    SupportedLoadBalancerTypes: ["application", "network"],
  };
}

/** What a listener has that names none. */
export const defaultSslPolicy = "ELBSecurityPolicy-2016-08";

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
export const sslPolicies: readonly SslPolicy[] = [
  policy("ELBSecurityPolicy-2016-08", "TLSv1", "TLSv1.2", all),
  policy("ELBSecurityPolicy-TLS13-1-2-2021-06", "TLSv1.2", "TLSv1.3", [...tls13, ...upTo12]),
  policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "TLSv1.2", "TLSv1.3", [...tls13, ...forwardSecret]),
  policy("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", "TLSv1.2", "TLSv1.3", [...tls13, ...upTo12, ...rsa]),
  policy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", "TLSv1.2", "TLSv1.3", [...tls13, ...all]),
  policy("ELBSecurityPolicy-TLS13-1-1-2021-06", "TLSv1.1", "TLSv1.3", [...tls13, ...all]),
  policy("ELBSecurityPolicy-TLS13-1-0-2021-06", "TLSv1", "TLSv1.3", [...tls13, ...all]),
  policy("ELBSecurityPolicy-TLS13-1-3-2021-06", "TLSv1.3", "TLSv1.3", tls13),
  policy("ELBSecurityPolicy-TLS-1-2-2017-01", "TLSv1.2", "TLSv1.2", [...upTo12, ...rsa]),
  policy("ELBSecurityPolicy-TLS-1-1-2017-01", "TLSv1.1", "TLSv1.2", all),
  policy("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", "TLSv1.2", "TLSv1.2", all),
  policy("ELBSecurityPolicy-FS-2018-06", "TLSv1", "TLSv1.2", allForwardSecret),
  policy("ELBSecurityPolicy-FS-1-1-2019-08", "TLSv1.1", "TLSv1.2", allForwardSecret),
  policy("ELBSecurityPolicy-FS-1-2-2019-08", "TLSv1.2", "TLSv1.2", allForwardSecret),
  policy("ELBSecurityPolicy-FS-1-2-Res-2019-08", "TLSv1.2", "TLSv1.2", upTo12),
  policy("ELBSecurityPolicy-FS-1-2-Res-2020-10", "TLSv1.2", "TLSv1.2", forwardSecret),
  policy("ELBSecurityPolicy-2015-05", "TLSv1", "TLSv1.2", all),
];

/** @throws AwsError `SSLPolicyNotFound` */
export function findSslPolicy(name: string): SslPolicy {
  const found = sslPolicies.find(({ Name }) => Name === name);
  if (found === undefined) throw errors.SSLPolicyNotFound(`SSL policy '${name}' not found`);
  return found;
}
