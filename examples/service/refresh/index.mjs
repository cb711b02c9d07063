// An action of the pipeline: replaces the group's instances, so that they start with the release that is current now.
import {
  AutoScalingClient,
  DescribeInstanceRefreshesCommand,
  StartInstanceRefreshCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CodePipelineClient,
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
} from "@aws-sdk/client-codepipeline";

const groups = new AutoScalingClient({});
const pipelines = new CodePipelineClient({});

const unfinished = new Set(["Pending", "InProgress", "Baking"]);

/** Called when the action begins, and again with what it told last until it says that it is done. */
export async function handler(event) {
  const { id: jobId, data } = event["CodePipeline.job"];
  const group = data.actionConfiguration.configuration.UserParameters;
  try {
    if (data.continuationToken === undefined) {
      const { InstanceRefreshId } = await groups.send(
        new StartInstanceRefreshCommand({
          AutoScalingGroupName: group,
          Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200, InstanceWarmup: 0 },
        }),
      );
      await pipelines.send(new PutJobSuccessResultCommand({ jobId, continuationToken: InstanceRefreshId }));
      return;
    }
    const {
      InstanceRefreshes: [refresh],
    } = await groups.send(
      new DescribeInstanceRefreshesCommand({
        AutoScalingGroupName: group,
        InstanceRefreshIds: [data.continuationToken],
      }),
    );
    if (unfinished.has(refresh.Status)) {
      await pipelines.send(new PutJobSuccessResultCommand({ jobId, continuationToken: refresh.InstanceRefreshId }));
    } else if (refresh.Status === "Successful") {
      await pipelines.send(new PutJobSuccessResultCommand({ jobId }));
    } else {
      throw new Error(`The instance refresh ended as ${refresh.Status}: ${refresh.StatusReason}`);
    }
  } catch (error) {
    await pipelines.send(
      new PutJobFailureResultCommand({ jobId, failureDetails: { type: "JobFailed", message: error.message } }),
    );
  }
}
