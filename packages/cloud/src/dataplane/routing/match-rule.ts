import { BlockList, isIPv6 } from "node:net";
import type { ConditionConfig, RuleConfig } from "../data-plane.ts";
import type { RequestHead } from "../http/request-head.ts";
import { matchesWildcard } from "./wildcard.ts";

/** Whether a request meets a condition. */
export type Condition = (request: RequestHead, sourceIp: string) => boolean;

/**
 * A condition, made ready to be asked often.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
export function compileCondition(condition: ConditionConfig): Condition {
  switch (condition.field) {
    case "path-pattern":
      return ({ path }) => condition.values.some((pattern) => matchesWildcard(pattern, path));
    case "host-header": {
      const patterns = condition.values.map((value) => value.toLowerCase());
      return ({ host }) => {
        const name = hostName(host).toLowerCase();
        return patterns.some((pattern) => matchesWildcard(pattern, name));
      };
    }
    case "http-request-method":
      return ({ method }) => condition.values.includes(method);
    case "source-ip": {
      const ranges = cidrList(condition.values);
      return (_, sourceIp) => ranges.check(sourceIp, isIPv6(sourceIp) ? "ipv6" : "ipv4");
    }
    case "http-header": {
      const wanted = condition.name.toLowerCase();
      const patterns = condition.values.map((value) => value.toLowerCase());
      return ({ headers }) =>
        headers.some(
          ({ lower, value }) =>
            lower === wanted && patterns.some((pattern) => matchesWildcard(pattern, value.toLowerCase())),
        );
    }
    case "query-string": {
      const wanted = condition.values.map(({ key, value }) => ({
        key: key?.toLowerCase(),
        value: value.toLowerCase(),
      }));
      return ({ query }) => {
        if (query === undefined) return false;
        const pairs = query.toLowerCase().split("&").map(splitPair);
        return wanted.some(({ key, value }) =>
          pairs.some(
            (pair) => (key === undefined || matchesWildcard(key, pair.key)) && matchesWildcard(value, pair.value),
          ),
        );
      };
    }
  }
}

/** The first rule whose conditions are all met. */
export function compileRules(
  rules: readonly RuleConfig[],
): (request: RequestHead, sourceIp: string) => RuleConfig | undefined {
  const compiled = rules.map((rule) => ({ rule, conditions: rule.conditions.map(compileCondition) }));
  return (request, sourceIp) =>
    compiled.find(({ conditions }) => conditions.every((isMet) => isMet(request, sourceIp)))?.rule;
}

/** A host without its port. */
export function hostName(host: string): string {
  const port = /:\d*$/.exec(host);
  // An IPv6 address has colons of its own, and is in brackets.
  return port === null || (host.startsWith("[") && !host.includes("]:")) ? host : host.slice(0, port.index);
}

function splitPair(pair: string): { key: string; value: string } {
  const equals = pair.indexOf("=");
  // A value without a key is compared as a value.
  return equals < 0 ? { key: "", value: pair } : { key: pair.slice(0, equals), value: pair.slice(equals + 1) };
}

function cidrList(values: readonly string[]): BlockList {
  const list = new BlockList();
  for (const value of values) {
    const [address = "", bits] = value.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    list.addSubnet(address, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
  }
  return list;
}
