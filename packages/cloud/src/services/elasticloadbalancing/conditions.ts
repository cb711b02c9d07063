import { isIP } from "node:net";
import type { RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { ConditionConfig } from "../../dataplane/data-plane.ts";
import { errors } from "./errors.ts";
import { limits } from "./limits.ts";

const fields = ["http-header", "http-request-method", "host-header", "path-pattern", "query-string", "source-ip"];
/** Fields that a rule may have more than one condition of. */
const repeatable = ["http-header", "query-string"];

const maxValues = limits["condition-values-per-alb-rule"];
const maxWildcards = limits["condition-wildcards-per-alb-rule"];
const maxLength = 128;

/**
 * The conditions of a rule as they are stored and told: checked, in the form that has a configuration for each field.
 *
 * @throws AwsError `ValidationError`
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html
 */
export function readConditions(conditions: readonly RuleCondition[]): RuleCondition[] {
  if (conditions.length === 0) throw errors.ValidationError("A condition must be specified");
  const read = conditions.map(readCondition);
  const seen = new Set<string | undefined>();
  for (const { Field: field = "" } of read) {
    if (seen.has(field) && !repeatable.includes(field))
      throw errors.ValidationError(`A rule can only have one '${field}' condition`);
    seen.add(field);
  }
  const values = read.flatMap((condition) => textsOf(conditionConfig(condition)));
  if (values.length > maxValues) throw errors.ValidationError(`A rule can only have '${maxValues}' condition values`);
  if (values.join("").replaceAll(/[^*?]/g, "").length > maxWildcards)
    throw errors.ValidationError(`A rule can only have '${maxWildcards}' condition wildcards`);
  return read;
}

/** Each value once; of a query string its key belongs to it. */
function textsOf(condition: ConditionConfig): string[] {
  return condition.field === "query-string"
    ? condition.values.map(({ key = "", value }) => `${key}${value}`)
    : [...condition.values];
}

function readCondition(condition: RuleCondition): RuleCondition {
  const { Field: field } = condition;
  if (field === undefined) throw errors.ValidationError("A condition field must be specified");
  if (!fields.includes(field))
    throw errors.ValidationError(`Condition field '${field}' must be one of '[${fields.join(", ")}]'`);
  const configs = [condition, condition.HostHeaderConfig, condition.HttpHeaderConfig, condition.PathPatternConfig];
  if (configs.some((config) => (config?.RegexValues?.length ?? 0) > 0))
    throw errors.ValidationError("Trysail does not match conditions with regular expressions: leave out RegexValues.");
  switch (field) {
    case "host-header": {
      const Values = valuesOf(condition.HostHeaderConfig?.Values ?? condition.Values, /^[A-Za-z0-9.*?-]+$/, field);
      return { Field: field, Values, HostHeaderConfig: { Values } };
    }
    case "path-pattern": {
      const pattern = /^[A-Za-z0-9_\-.$/~"'@:+&*?()!,;=%#[\]{}|\\^`<> ]+$/;
      const Values = valuesOf(condition.PathPatternConfig?.Values ?? condition.Values, pattern, field);
      return { Field: field, Values, PathPatternConfig: { Values } };
    }
    case "http-header": {
      const { HttpHeaderName: name = "" } = condition.HttpHeaderConfig ?? {};
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/.test(name))
        throw errors.ValidationError(`The HTTP header name '${name}' is not valid`);
      if (name.toLowerCase() === "host")
        throw errors.ValidationError("The HTTP header name cannot be 'host': use a host-header condition");
      const Values = valuesOf(condition.HttpHeaderConfig?.Values, /^[\u0020-\u007e]+$/, field);
      return { Field: field, HttpHeaderConfig: { HttpHeaderName: name, Values } };
    }
    case "http-request-method": {
      const Values = valuesOf(condition.HttpRequestMethodConfig?.Values, /^[A-Z_-]{1,40}$/, field);
      return { Field: field, HttpRequestMethodConfig: { Values } };
    }
    case "query-string": {
      const given = condition.QueryStringConfig?.Values ?? [];
      if (given.length === 0) throw errors.ValidationError("A condition value must be specified");
      const Values = given.map(({ Key: key, Value: value }) => {
        checkValue(value, /^[\u0020-\u007e]+$/, field);
        if (key !== undefined) checkValue(key, /^[\u0020-\u007e]+$/, field);
        return key === undefined ? { Value: value } : { Key: key, Value: value };
      });
      return { Field: field, QueryStringConfig: { Values } };
    }
    default: {
      const Values = valuesOf(condition.SourceIpConfig?.Values, /^/, field);
      for (const cidr of Values) {
        if (!isCidr(cidr)) throw errors.ValidationError(`The source IP '${cidr}' is not a valid CIDR block`);
      }
      return { Field: field, SourceIpConfig: { Values } };
    }
  }
}

function valuesOf(values: readonly string[] | undefined, pattern: RegExp, field: string): string[] {
  if (values === undefined || values.length === 0) throw errors.ValidationError("A condition value must be specified");
  for (const value of values) checkValue(value, pattern, field);
  return [...values];
}

function checkValue(value: string | undefined, pattern: RegExp, field: string): void {
  if (value === undefined || value === "") throw errors.ValidationError("A condition value must be specified");
  if (value.length > maxLength)
    throw errors.ValidationError(`The condition value '${value}' cannot be longer than '${maxLength}' characters`);
  if (!pattern.test(value))
    throw errors.ValidationError(
      `The condition value '${value}' for '${field}' contains a character that is not valid`,
    );
}

function isCidr(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0 || bits === undefined || !/^\d{1,3}$/.test(bits)) return false;
  return Number(bits) <= (version === 4 ? 32 : 128);
}

/** A stored condition as the data plane takes it. */
export function conditionConfig(condition: RuleCondition): ConditionConfig {
  switch (condition.Field) {
    case "http-header": {
      const { HttpHeaderName: name = "", Values: values = [] } = condition.HttpHeaderConfig ?? {};
      return { field: "http-header", name, values };
    }
    case "query-string": {
      const values = (condition.QueryStringConfig?.Values ?? []).map(({ Key: key, Value: value = "" }) =>
        key === undefined ? { value } : { key, value },
      );
      return { field: "query-string", values };
    }
    case "host-header":
      return { field: "host-header", values: condition.HostHeaderConfig?.Values ?? [] };
    case "path-pattern":
      return { field: "path-pattern", values: condition.PathPatternConfig?.Values ?? [] };
    case "http-request-method":
      return { field: "http-request-method", values: condition.HttpRequestMethodConfig?.Values ?? [] };
    case "source-ip":
      return { field: "source-ip", values: condition.SourceIpConfig?.Values ?? [] };
    case undefined:
    default:
      throw new Error(`a condition with the field ${condition.Field} was stored`);
  }
}
