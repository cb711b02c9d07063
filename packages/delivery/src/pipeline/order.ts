import type { Job } from "@aws-sdk/client-codepipeline";
import { messageOf } from "@trysail/core";
import type { Version } from "../plan/model.ts";
import { clusterName } from "../server-groups/name.ts";
import type { RolloutSpec } from "../spec/model.ts";
import { mistakeText } from "../spec/mistake.ts";
import { parseRollout } from "../spec/parse.ts";

/** What a pipeline asks for. */
export interface Order {
  readonly id: string;
  readonly spec: RolloutSpec;
  readonly version: Version;
}

/**
 * Reads the configuration of a pipeline's action: `Spec` (the document), or `SpecParameter` (the parameter that has it),
 * and `Commit`, `CommittedAt` and `Version`, which may be left out. Its input artifact is what is rolled out.
 */
export async function readOrder(
  job: Job,
  parameter: (name: string) => Promise<string>,
): Promise<{ readonly kind: "order"; readonly order: Order } | { readonly kind: "mistake"; readonly message: string }> {
  const { Spec, SpecParameter, Commit, CommittedAt, Version } = job.data?.actionConfiguration?.configuration ?? {};
  const mistake = (message: string) => ({ kind: "mistake", message }) as const;
  if (Spec === undefined && SpecParameter === undefined)
    return mistake("The action's configuration has neither Spec nor SpecParameter.");
  let text: string;
  try {
    text = Spec ?? (await parameter(SpecParameter ?? ""));
  } catch (error) {
    return mistake(`The spec cannot be read from the parameter ${SpecParameter}: ${messageOf(error)}`);
  }
  const parsed = parseRollout(text);
  if (!parsed.ok)
    return mistake(
      `The spec has mistakes. ${parsed.mistakes.map((one) => mistakeText(one, SpecParameter ?? "Spec")).join("\n")}`,
    );
  const location = job.data?.inputArtifacts?.[0]?.location?.s3Location;
  if (location?.bucketName === undefined || location.objectKey === undefined)
    return mistake("The action has no input artifact: it is what is rolled out.");
  const execution = job.data?.pipelineContext?.pipelineExecutionId ?? "";
  const commit = filled(Commit);
  const committedAt = Date.parse(CommittedAt ?? "");
  return {
    kind: "order",
    order: {
      // The same job, offered again, is the same rollout.
      id: `${clusterName(parsed.spec.cluster)}.${(job.id ?? "").slice(0, 8)}`,
      spec: parsed.spec,
      version: {
        id: filled(Version) ?? commit?.slice(0, 7) ?? execution.slice(0, 8),
        artifact: `s3://${location.bucketName}/${location.objectKey}`,
        commit,
        committedAt: Number.isNaN(committedAt) ? undefined : committedAt,
        execution,
      },
    },
  };
}

/** A variable of CodePipeline that has no value is an empty text. */
const filled = (text: string | undefined): string | undefined => (text === undefined || text === "" ? undefined : text);
