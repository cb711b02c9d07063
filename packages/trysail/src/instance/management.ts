import { TrysailError } from "@trysail/core";
import { accessKeyOf } from "../environment/environment-files.ts";
import type { Instance } from "./instance.ts";

/**
 * Asks a running Trysail for what is no matter of AWS's API.
 *
 * @param what - the path below `/_trysail/`
 * @throws TrysailError with the code that it answers
 */
export async function askInstance(
  { endpoint, data }: Instance,
  what: string,
  request: RequestInit = {},
): Promise<unknown> {
  const response = await fetch(`${endpoint}/_trysail/${what}`, { ...request, headers: await authorizationOf(data) });
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw failed(text, response.status);
}

/**
 * Asks a running Trysail for something that it tells line by line, for as long as it does.
 *
 * @param what - the path below `/_trysail/`
 */
export async function* tellInstance({ endpoint, data }: Instance, what: string): AsyncGenerator<string> {
  const response = await fetch(`${endpoint}/_trysail/${what}`, { headers: await authorizationOf(data) });
  if (!response.ok || response.body === null) throw failed(await response.text(), response.status);
  let rest = "";
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${piece}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function authorizationOf(data: string): Promise<{ readonly authorization: string }> {
  const { accessKeyId, secretAccessKey } = await accessKeyOf(data);
  return { authorization: `Basic ${Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString("base64")}` };
}

function failed(text: string, status: number): TrysailError {
  const { code, message, next } = failureIn(text, status);
  return new TrysailError(code, message, { fault: "user", ...(next === undefined ? {} : { next }) });
}

function failureIn(
  text: string,
  status: number,
): { readonly code: string; readonly message: string; readonly next?: string } {
  try {
    return (JSON.parse(text) as { readonly error: { readonly code: string; readonly message: string } }).error;
  } catch {
    return { code: "request-failed", message: `Trysail answered ${status}: ${text.trim().slice(0, 500)}` };
  }
}
