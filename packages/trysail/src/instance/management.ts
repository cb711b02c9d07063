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
  const { accessKeyId, secretAccessKey } = await accessKeyOf(data);
  const authorization = `Basic ${Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString("base64")}`;
  const response = await fetch(`${endpoint}/_trysail/${what}`, { ...request, headers: { authorization } });
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  const { code, message, next } = failureIn(text, response.status);
  throw new TrysailError(code, message, { fault: "user", ...(next === undefined ? {} : { next }) });
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
