import type { MetricQuery } from "./model.ts";
import { byName, defaulted, isObject, mustBe, object, required, text, wrong, type Reader } from "./reader.ts";
import { periodSeconds } from "./time.ts";

const placeholders = ["serverGroup", "cluster", "region", "loadBalancer", "targetGroup"];

/** A text in which no other placeholder stands than those that are known. */
const template: Reader<string> = (value, place) => {
  const read = text(value, place);
  const unknown = [...(read ?? "").matchAll(/\$\{([^}]*)\}/g)]
    .map(([, name = ""]) => name)
    .find((name) => !placeholders.includes(name));
  if (unknown === undefined) return read;
  return wrong(place, `has \${${unknown}}, and may have ${placeholders.map((name) => `\${${name}}`).join(", ")}.`);
};

const metricQuery = object({
  namespace: required(text),
  metric: required(text),
  dimensions: defaulted(byName(template), {}),
  statistic: defaulted(text, "Average"),
  period: defaulted(periodSeconds, 60),
});

const expressionQuery = object({ expression: required(template), period: defaulted(periodSeconds, 60) });

/** A metric of CloudWatch, or an expression of metric math or of Metrics Insights. */
export const query: Reader<MetricQuery> = (value, place) => {
  if (!isObject(value)) return mustBe(place, "a map of namespace and metric, or of expression", value);
  if ("expression" in value) {
    const read = expressionQuery(value, place);
    return read && { kind: "expression", expression: read.expression, periodSeconds: read.period };
  }
  const read = metricQuery(value, place);
  if (read === undefined) return undefined;
  const { period, ...rest } = read;
  return { kind: "metric", ...rest, periodSeconds: period };
};
