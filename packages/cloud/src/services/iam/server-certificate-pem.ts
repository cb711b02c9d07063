import { X509Certificate, createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { errors } from "./errors.ts";

const certificates = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

function parseCertificates(pem: string): X509Certificate[] {
  try {
    return (pem.match(certificates) ?? []).map((one) => new X509Certificate(one));
  } catch {
    return [];
  }
}

function parseKey(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw errors.MalformedCertificate("Unable to parse key; the body is encrypted.");
  try {
    return createPrivateKey(pem);
  } catch {
    throw errors.MalformedCertificate("Unable to parse key; Please ensure the private key is in PEM format.");
  }
}

/**
 * Checks that a certificate, its private key and its chain are PEM and belong together.
 *
 * @returns when the certificate expires
 * @throws AwsError `MalformedCertificate`, `KeyPairMismatch`
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
 */
export function checkServerCertificate(body: string, privateKey: string, chain: string | undefined): Date {
  const [certificate, ...more] = parseCertificates(body);
  if (certificate === undefined || more.length > 0) {
    throw errors.MalformedCertificate("Unable to parse certificate. Please ensure the certificate is in PEM format.");
  }
  if (!certificate.checkPrivateKey(parseKey(privateKey)))
    throw errors.KeyPairMismatch("Public key certificate and private key do not match.");
  if (chain !== undefined) {
    const [issuer] = parseCertificates(chain);
    if (issuer === undefined || !certificate.checkIssued(issuer)) {
      throw errors.MalformedCertificate(
        "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order.",
      );
    }
  }
  return new Date(certificate.validTo);
}
