import { parseRegion } from "@trysail/core";
import type { Provider, Work } from "./provider.ts";

/**
 * Waits for PutApprovalResult, which ends the run, and tells a topic of it where there is one.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
 */
export const approval: Provider = {
  async step(work) {
    const { record, input, home, acting } = work;
    const topic = input.configuration["NotificationArn"];
    // Kept before it is told: what is approved with it must be the same after an interruption.
    if (record.token === undefined) return { status: "waiting", token: home.ids.uuid(), wakeAt: acting.now };
    const { token } = record;
    if (!topic || record.progress === "told") return { status: "waiting", token, progress: record.progress };
    const there = acting.as({ region: parseRegion(topic.split(":")[3] ?? "") ?? acting.region });
    await there.call.sns.publish({
      TopicArn: topic,
      // A subject has at most 100 characters.
      Subject: `APPROVAL NEEDED: AWS CodePipeline ${record.pipeline} for action ${record.name}`.slice(0, 100),
      Message: JSON.stringify(messageOf(work, token)),
    });
    return { status: "waiting", token, progress: "told" };
  },
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-json-format.html */
function messageOf({ record, input, home }: Work, token: string): object {
  const { pipeline, stage, name, deadline } = record;
  const { CustomData: customData, ExternalEntityLink: externalEntityLink } = input.configuration;
  // AWS's paths, at Trysail's own address: a link to AWS would lead to somebody else's pipeline.
  const link = `${home.host.endpoint}/codepipeline/home?region=${home.region}#/view/${pipeline}`;
  return {
    region: home.region,
    consoleLink: link,
    approval: {
      pipelineName: pipeline,
      stageName: stage,
      actionName: name,
      token,
      // To the minute.
      ...(deadline !== undefined && { expires: `${new Date(deadline).toISOString().slice(0, 16)}Z` }),
      ...(externalEntityLink !== undefined && { externalEntityLink }),
      approvalReviewLink: `${link}/${stage}/${name}/approve/${token}`,
      ...(customData !== undefined && { customData }),
    },
  };
}
