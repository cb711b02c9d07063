import { Option } from "commander";
import type { Command } from "commander";
import { dataOption, examples, jsonOption, nameAndValue, regionOption } from "./options.ts";

const nameHelp = "the pipeline; may be left out where there is only one";

/** `trysail pipeline …`: see program.ts. */
export function addPipelineCommands(pipeline: Command, finish: (exitCode: number) => void): void {
  const add = (name: string, description: string) =>
    pipeline.command(name).description(description).addOption(regionOption()).addOption(dataOption());
  const executionOption = () => new Option("--execution <id>", "the execution that is meant; else the latest");

  add("list", "list the pipelines, and how their latest executions stand")
    .addOption(jsonOption())
    .action(async (options) => finish(await (await import("./commands/pipeline-list.ts")).list(options)));

  add("watch", "follow an execution until it ends; fails if it does")
    .argument("[name]", nameHelp)
    .addOption(executionOption())
    .addOption(new Option("-f, --follow", "go on with the executions that come after it, until Ctrl-C"))
    .addOption(new Option("--json", "print each change as a line of JSON"))
    .addHelpText("after", examples("trysail pipeline watch", "trysail pipeline watch my-pipeline --follow"))
    .action(async (name: string | undefined, options) =>
      finish(await (await import("./commands/pipeline-watch.ts")).watch(name, options)),
    );

  add("start", "start an execution with the newest revisions")
    .argument("[name]", nameHelp)
    .addOption(
      new Option("--variable <name=value>", "a pipeline variable; may be given more than once").argParser(nameAndValue),
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples("trysail pipeline start my-pipeline", "trysail pipeline start my-pipeline --variable stage=beta"),
    )
    .action(async (name: string | undefined, options) =>
      finish(await (await import("./commands/pipeline-start.ts")).start(name, options)),
    );

  add("logs", "print what the builds of an execution have written")
    .argument("[name]", nameHelp)
    .addOption(executionOption())
    .addOption(new Option("--action <name>", "of this action only"))
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail pipeline logs", "trysail pipeline logs my-pipeline --action Build"))
    .action(async (name: string | undefined, options) =>
      finish(await (await import("./commands/pipeline-logs.ts")).logs(name, options)),
    );

  for (const [verb, description] of [
    ["approve", "approve what waits for it"],
    ["reject", "reject what waits for approval; the execution fails"],
  ] as const) {
    add(verb, description)
      .argument("[name]", nameHelp)
      .addOption(new Option("--action <name>", "the approval action; may be left out where only one waits"))
      .addOption(new Option("--summary <text>", "why").default(""))
      .addOption(jsonOption())
      .addHelpText("after", examples(`trysail pipeline ${verb} my-pipeline --summary "looked at it"`))
      .action(async (name: string | undefined, options) =>
        finish(await (await import("./commands/pipeline-approve.ts")).decide(verb, name, options)),
      );
  }

  add("retry", "run a failed stage again")
    .argument("[name]", nameHelp)
    .addOption(new Option("--stage <name>", "the stage; else the one that failed"))
    .addOption(new Option("--all-actions", "also the actions that succeeded"))
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples("trysail pipeline retry my-pipeline", "trysail pipeline retry my-pipeline --stage Build --all-actions"),
    )
    .action(async (name: string | undefined, options) =>
      finish(await (await import("./commands/pipeline-retry.ts")).retry(name, options)),
    );

  add("rollback", "run a stage with what an earlier execution had")
    .argument("[name]", nameHelp)
    .requiredOption("--stage <name>", "the stage")
    .addOption(
      new Option(
        "--to <execution>",
        "the execution to go back to; else the last one before the present that succeeded in the stage",
      ),
    )
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail pipeline rollback my-pipeline --stage Deploy"))
    .action(async (name: string | undefined, options) =>
      finish(await (await import("./commands/pipeline-rollback.ts")).rollback(name, options)),
    );

  add("stop", "stop an execution")
    .argument("[name]", nameHelp)
    .addOption(executionOption())
    .addOption(new Option("--abandon", "do not wait for the actions that run"))
    .addOption(new Option("--reason <text>", "why").default("Stopped with trysail pipeline stop"))
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail pipeline stop my-pipeline --abandon"))
    .action(async (name: string | undefined, options) =>
      finish(await (await import("./commands/pipeline-stop.ts")).stop(name, options)),
    );
}
