import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import type { ListenerConfig } from "../data-plane.ts";

type Pem = NonNullable<ListenerConfig["certificates"]>[number];

interface Certificate {
  readonly names: X509Certificate;
  readonly context: SecureContext;
}

/** A listener's certificates, ready to be chosen from. */
export interface Certificates {
  /** The one that covers the name which the client asks for, else the first. */
  choose(serverName: string): SecureContext | undefined;
}

/**
 * @throws if one of them is not a certificate, or has another key
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 */
export function loadCertificates(pems: readonly Pem[]): Certificates {
  const certificates = pems.map(({ certificate, privateKey }): Certificate => ({
    names: new X509Certificate(certificate),
    context: createSecureContext({ cert: certificate, key: privateKey }),
  }));
  return {
    choose: (serverName) =>
      (certificates.find(({ names }) => names.checkHost(serverName) !== undefined) ?? certificates[0])?.context,
  };
}
