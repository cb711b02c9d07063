import { isAwsError } from "../../../kernel/errors.ts";
import { artifactsOf, environmentOf, runBuild, sourcesOf, stopBuild } from "./build.ts";
import type { Provider, Work } from "./provider.ts";

/** The project in whose name commands run: one for each account and region, made when it is first needed. */
const projectName = "CodePipelineCommands";
const image = "aws/codebuild/amazonlinux-x86_64-standard:5.0";

/** A build never takes longer. @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html */
const longestMinutes = 55;

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html */
export const commands: Provider = {
  step: (work) =>
    runBuild(work, async () => {
      await makeProject(work);
      const { record, definition, declared } = work;
      return {
        projectName,
        ...sourcesOf(work),
        ...artifactsOf(work),
        buildspecOverride: buildspecOf(work),
        environmentVariablesOverride: environmentOf(work),
        serviceRoleOverride: record.roleArn ?? definition.roleArn,
        timeoutInMinutesOverride: Math.min(declared.timeoutInMinutes ?? longestMinutes, longestMinutes),
        logsConfigOverride: {
          cloudWatchLogs: {
            status: "ENABLED",
            groupName: `/aws/codepipeline/${record.pipeline}`,
            streamName: record.id,
          },
        },
      };
    }),
  stop: stopBuild,
};

/** The commands as a buildspec; JSON is YAML. */
function buildspecOf({ declared, input }: Work): string {
  const variables = "outputVariables" in declared ? (declared.outputVariables ?? []) : [];
  const outputs = "outputArtifacts" in declared ? (declared.outputArtifacts ?? []) : [];
  const files = outputs.find(({ name }) => name === input.outputs[0]?.name)?.files ?? [];
  return JSON.stringify({
    version: 0.2,
    ...(variables.length > 0 && { env: { "exported-variables": variables } }),
    phases: { build: { commands: declared.commands } },
    ...(input.outputs.length > 0 && { artifacts: { files: files.length > 0 ? files : ["**/*"] } }),
  });
}

async function makeProject({ acting, definition }: Work): Promise<void> {
  const { projects = [] } = await acting.call.codebuild.batchGetProjects({ names: [projectName] });
  if (projects.length > 0) return;
  try {
    await acting.call.codebuild.createProject({
      name: projectName,
      description: "Runs the commands of CodePipeline's Commands actions and rules.",
      source: {
        type: "NO_SOURCE",
        buildspec: JSON.stringify({ version: 0.2, phases: { build: { commands: ["true"] } } }),
      },
      artifacts: { type: "NO_ARTIFACTS" },
      environment: { type: "LINUX_CONTAINER", image, computeType: "BUILD_GENERAL1_SMALL" },
      serviceRole: definition.roleArn,
    });
  } catch (error) {
    // Another run has made it meanwhile.
    if (!isAwsError(error, "ResourceAlreadyExistsException")) throw error;
  }
}
