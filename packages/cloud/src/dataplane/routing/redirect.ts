import type { ActionConfig } from "../data-plane.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { Answer } from "../http/answers.ts";
import { errorAnswer } from "../http/answers.ts";
import { hostName } from "./match-rule.ts";

type Redirect = Extract<ActionConfig, { type: "redirect" }>;

/**
 * The answer of a redirect action: each component may hold `#{protocol}`, `#{host}`, `#{port}`, `#{path}` (without its
 * leading slash) and `#{query}` of the request.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
 */
export function redirectAnswer(
  action: Redirect,
  request: RequestHead,
  at: { readonly protocol: "http" | "https"; readonly port: number },
): Answer {
  const own: Readonly<Record<string, string>> = {
    protocol: at.protocol,
    host: hostName(request.host),
    port: String(at.port),
    path: request.path.slice(1),
    query: request.query ?? "",
  };
  const fill = (template: string) => template.replace(/#\{(\w+)\}/g, (whole, name: string) => own[name] ?? whole);
  const protocol = fill(action.protocol).toLowerCase();
  const query = fill(action.query);
  const location = `${protocol}://${fill(action.host)}:${fill(action.port)}${fill(action.path)}${query === "" ? "" : `?${query}`}`;
  const { body, headers } = errorAnswer(action.status);
  return { status: action.status, headers: [...headers, ["Location", location]], body };
}
