import { artifactsOf, environmentOf, runBuild, sourcesOf, stopBuild } from "./build.ts";
import type { Provider } from "./provider.ts";

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html */
export const codeBuild: Provider = {
  step: (work) =>
    runBuild(work, () =>
      Promise.resolve({
        projectName: work.input.configuration["ProjectName"] ?? "",
        ...sourcesOf(work),
        ...artifactsOf(work),
        environmentVariablesOverride: environmentOf(work),
        timeoutInMinutesOverride: work.declared.timeoutInMinutes,
      }),
    ),
  stop: stopBuild,
};
