/** The reasons that an Application Load Balancer gives with its own answers. */
const reasons: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  301: "Moved Permanently",
  302: "Found",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Not Allowed",
  408: "Request Time-out",
  413: "Request Entity Too Large",
  414: "Request-URI Too Large",
  429: "Too Many Requests",
  463: "",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
  505: "HTTP Version Not Supported",
};

export const reasonOf = (status: number): string => reasons[status] ?? "";

/** What the balancer answers by itself. */
export interface Answer {
  readonly status: number;
  /** @defaultValue the status's usual one */
  readonly reason?: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Text is sent in UTF-8. */
  readonly body: string | Buffer;
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html */
export function errorAnswer(status: number): Answer {
  const title = `${status} ${reasonOf(status)}`.trim();
  const body =
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
    `<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: [["Content-Type", "text/html"]], body };
}

/** The whole answer as it is sent, in Latin-1. */
export function renderAnswer(
  answer: Answer,
  options: { readonly method: string; readonly keepsAlive: boolean; readonly date: string },
): string {
  const { status, reason = reasonOf(status), headers, body } = answer;
  const bytes = (typeof body === "string" ? Buffer.from(body, "utf8") : body).toString("latin1");
  const hasBody = status !== 204 && status !== 304;
  return [
    `HTTP/1.1 ${status} ${reason}`,
    "Server: awselb/2.0",
    `Date: ${options.date}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(hasBody ? [`Content-Length: ${bytes.length}`] : []),
    `Connection: ${options.keepsAlive ? "keep-alive" : "close"}`,
    "",
    hasBody && options.method !== "HEAD" ? bytes : "",
  ].join("\r\n");
}
