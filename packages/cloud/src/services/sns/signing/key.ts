import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import type { Context } from "../../../kernel/context.ts";
import type { Route } from "../../../kernel/service.ts";
import { tables } from "../store.ts";
import { selfSigned } from "./certificate.ts";

/** What this Trysail's messages are signed with. */
export interface SigningKey {
  /** In the certificate's address. */
  readonly id: string;
  /** PEM. */
  readonly privateKey: string;
  readonly certificate: string;
}

const makeKeys = promisify(generateKeyPair);
/** There is one, for all accounts and regions. */
const only = "current";
const dayMs = 24 * 3_600_000;
const validMs = 20 * 365 * dayMs;

/** The key that messages are signed with, made when it is needed first. */
export async function signingKey(ctx: Context): Promise<SigningKey> {
  const rows = ctx.table(tables.signingKeys);
  const found = rows.get(only);
  if (found !== undefined) return found;
  const keys = await makeKeys("rsa", { modulusLength: 2048 });
  const certificate = selfSigned(keys, {
    name: "sns.amazonaws.com",
    serial: ctx.ids.bytes(16),
    from: ctx.now - dayMs,
    until: ctx.now + validMs,
  });
  const made = {
    id: ctx.ids.hex(32),
    privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate,
  };
  return ctx.transaction(() => {
    // Another delivery may have been quicker.
    const other = rows.get(only);
    if (other === undefined) rows.put(only, made);
    return other ?? made;
  });
}

const path = /^\/SimpleNotificationService-(?<id>[0-9a-f]{32})\.pem$/;

export const certificateUrl = ({ host }: Context, { id }: SigningKey) =>
  `${host.endpoint}/SimpleNotificationService-${id}.pem`;

/** Serves the certificate that messages are verified with. */
export const certificates: Route = {
  name: "certificates",
  match(request) {
    const id = path.exec(request.path)?.groups?.["id"];
    return id === undefined || request.method !== "GET" ? undefined : { parameters: { id } };
  },
  handle(ctx, _request, { parameters }) {
    const key = ctx.table(tables.signingKeys).get(only);
    const isKnown = key !== undefined && key.id === parameters["id"];
    return Promise.resolve({
      status: isKnown ? 200 : 404,
      headers: { "content-type": isKnown ? "application/x-pem-file" : "text/plain" },
      body: Buffer.from(isKnown ? key.certificate : "There is no such certificate.\n"),
    });
  },
};
