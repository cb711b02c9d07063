import { services } from "./services/index.ts";
import { loadModel } from "./wire/index.ts";

/** What Trysail answers of one service of AWS's. */
export interface ServiceCoverage {
  readonly id: string;
  /** As AWS's SDKs name it. */
  readonly name: string;
  /** Operations as AWS names them, in order. */
  readonly implemented: readonly string[];
  /** In AWS's model, and answered with `NotImplemented`. */
  readonly missing: readonly string[];
  readonly resourceTypes: readonly string[];
}

/** What is implemented, read from the handler tables themselves. Services that are not AWS's are left out. */
export function coverage(modelled: readonly string[]): readonly ServiceCoverage[] {
  return services
    .filter(({ id }) => modelled.includes(id))
    .map(({ id, operations, resources }) => {
      const model = loadModel(id);
      const handled = new Set(Object.keys(operations).map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}`));
      const all = [...model.operations.keys()].toSorted();
      return {
        id,
        name: model.sdkId,
        implemented: all.filter((name) => handled.has(name)),
        missing: all.filter((name) => !handled.has(name)),
        resourceTypes: Object.keys(resources ?? {}).toSorted(),
      };
    });
}

/** The coverage page, in Markdown. */
export function renderCoverage(covered: readonly ServiceCoverage[]): string {
  const list = (names: readonly string[]) =>
    names.length === 0 ? "none" : names.map((name) => `\`${name}\``).join(", ");
  const rows = covered.map(
    ({ id, name, implemented, missing }) =>
      `| [${name}](#${id}) | ${implemented.length} | ${implemented.length + missing.length} |`,
  );
  const sections = covered.map(
    ({ id, name, implemented, missing, resourceTypes }) =>
      `## ${id}\n\n${name}\n\n**Implemented:** ${list(implemented)}\n\n**CloudFormation:** ${list(resourceTypes)}\n\n<details><summary>Answered with NotImplemented: ${missing.length}</summary>\n\n${list(missing)}\n\n</details>\n`,
  );
  return [
    "# Coverage\n",
    "Written by `npm run docs` from the code itself: what is implemented really behaves (each service's README tells where",
    "it differs from AWS), and whatever else is in AWS's model answers `NotImplemented`.\n",
    "| service | operations | of AWS's |\n| --- | ---: | ---: |",
    ...rows,
    "",
    ...sections,
  ].join("\n");
}
