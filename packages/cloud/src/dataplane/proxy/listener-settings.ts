/** A balancer's attributes, read once. */
export interface ListenerSettings {
  readonly idleTimeoutMs: number;
  /** How long a client's connection may be used. */
  readonly clientKeepAliveMs: number;
  readonly dropsInvalidFields: boolean;
  readonly xffMode: "append" | "preserve" | "remove";
  readonly xffClientPort: boolean;
  readonly tlsHeaders: boolean;
  readonly http2: boolean;
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html */
export function listenerSettings(attributes: Readonly<Record<string, string>>): ListenerSettings {
  const seconds = (key: string, otherwise: number) => Number(attributes[key] ?? otherwise) * 1000;
  const isOn = (key: string, otherwise = "false") => (attributes[key] ?? otherwise) === "true";
  const mode = attributes["routing.http.xff_header_processing.mode"];
  return {
    idleTimeoutMs: seconds("idle_timeout.timeout_seconds", 60),
    clientKeepAliveMs: seconds("client_keep_alive.seconds", 3600),
    dropsInvalidFields: isOn("routing.http.drop_invalid_header_fields.enabled"),
    xffMode: mode === "preserve" || mode === "remove" ? mode : "append",
    xffClientPort: isOn("routing.http.xff_client_port.enabled"),
    tlsHeaders: isOn("routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
    http2: isOn("routing.http2.enabled", "true"),
  };
}
