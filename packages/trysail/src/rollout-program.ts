import { Option } from "commander";
import type { Command } from "commander";
import { count, dataOption, examples, jsonOption, regionOption } from "./options.ts";

const idHelp = "the rollout, or its cluster; else the only one that goes on, or the newest";
const specHelp = "the spec of the rollout, such as rollout.yaml";

const artifactOption = () =>
  new Option("--artifact <place>", "what is rolled out: s3://BUCKET/KEY of a zip, or an image");
const versionOption = () => new Option("--version-id <id>", "what it is called; else the short commit");
const commitOption = () => new Option("--commit <commit>", "what it was built of: the lead time begins there");
const detachOption = () => new Option("--detach", "return when it is stored; print its id");

/** `trysail rollout …`: see program.ts. */
export function addRolloutCommands(rollout: Command, finish: (exitCode: number) => void): void {
  const add = (name: string, description: string) =>
    rollout
      .command(name)
      .description(description)
      .addOption(new Option("--aws", "in the AWS account of this shell's own settings; else in the running Trysail"))
      .addOption(regionOption("the region that rollouts are kept in; else the first one"))
      .addOption(dataOption());

  rollout
    .command("validate")
    .description("check a spec; needs no Trysail and no account")
    .argument("<file>", specHelp)
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail rollout validate rollout.yaml"))
    .action(async (file: string, options) =>
      finish(await (await import("./commands/rollout-validate.ts")).validate(file, options)),
    );

  add("plan", "tell what a rollout would do in each region, and do nothing")
    .argument("<file>", specHelp)
    .addOption(artifactOption())
    .addOption(versionOption())
    .addOption(commitOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail rollout plan rollout.yaml"))
    .action(async (file: string, options) =>
      finish(await (await import("./commands/rollout-plan.ts")).plan(file, options)),
    );

  add("start", "roll a version out, and follow it until it is over; fails if it does not succeed")
    .argument("<file>", specHelp)
    .addOption(artifactOption().makeOptionMandatory())
    .addOption(versionOption())
    .addOption(commitOption())
    .addOption(detachOption())
    .addOption(new Option("--json", "print each change as a line of JSON"))
    .addHelpText(
      "after",
      examples(
        "trysail rollout start rollout.yaml --artifact s3://my-builds/playback-42.zip --commit HEAD",
        "trysail rollout start rollout.yaml --artifact s3://my-builds/playback-42.zip --version-id 42 --aws",
      ),
    )
    .action(async (file: string, options) =>
      finish(await (await import("./commands/rollout-start.ts")).start(file, options)),
    );

  add("list", "list the rollouts, the newest first")
    .addOption(new Option("--cluster <name>", "of this cluster only"))
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail rollout list", "trysail rollout list --cluster playback-prod --aws"))
    .action(async (options) => finish(await (await import("./commands/rollout-list.ts")).list(options)));

  add("watch", "follow a rollout until it is over; fails if it does not succeed")
    .argument("[id]", idHelp)
    .addOption(new Option("-f, --follow", "go on with the rollouts of its cluster that come after it, until Ctrl-C"))
    .addOption(new Option("--json", "print each change as a line of JSON"))
    .addHelpText("after", examples("trysail rollout watch", "trysail rollout watch playback-prod --follow"))
    .action(async (id: string | undefined, options) =>
      finish(await (await import("./commands/rollout-watch.ts")).watch(id, options)),
    );

  for (const [verb, description] of [
    ["pause", "expose nothing more until it is resumed"],
    ["resume", "let it go on after a pause"],
    ["promote", "end the pause, or the bake time, that it waits for"],
    ["abort", "undo all that it changed"],
  ] as const) {
    const command = add(verb, description).argument("[id]", idHelp).addOption(jsonOption());
    if (verb === "abort")
      command
        .addOption(new Option("--reason <text>", "why"))
        .addOption(new Option("--wait", "until it is undone; fails if something is left"));
    command
      .addHelpText(
        "after",
        examples(`trysail rollout ${verb}${verb === "abort" ? ' --reason "wrong build" --wait' : ""}`),
      )
      .action(async (id: string | undefined, options) =>
        finish(await (await import("./commands/rollout-steer.ts")).steerRollout(verb, id, options)),
      );
  }

  add("rollback", "bring an earlier version back to all regions at once")
    .argument("<cluster|file>", "the cluster, such as playback-prod, or its spec")
    .addOption(new Option("--to <version>", "the version; else the one before the present"))
    .addOption(detachOption())
    .addOption(new Option("--json", "print each change as a line of JSON"))
    .addHelpText(
      "after",
      examples("trysail rollout rollback playback-prod", "trysail rollout rollback rollout.yaml --to 8f3a2c1"),
    )
    .action(async (cluster: string, options) =>
      finish(await (await import("./commands/rollout-rollback.ts")).rollback(cluster, options)),
    );

  add("journal", "print what happened to a rollout, and the calls that it made")
    .argument("[id]", idHelp)
    .addOption(new Option("-f, --follow", "go on until it is over"))
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail rollout journal", "trysail rollout journal --follow"))
    .action(async (id: string | undefined, options) =>
      finish(await (await import("./commands/rollout-journal.ts")).journal(id, options)),
    );

  add("report", "write the page of a canary's newest judgement, and print its path")
    .argument("[id]", idHelp)
    .addOption(new Option("--in <region>", "the region of the canary"))
    .addOption(new Option("--number <number>", "another judgement than the newest; the first is 1").argParser(count))
    .addOption(new Option("--output <file>", "where to write it"))
    .addOption(new Option("--json", "print the judgement as JSON, and write nothing"))
    .addHelpText("after", examples("trysail rollout report", "trysail rollout report --number 1 --output first.html"))
    .action(async (id: string | undefined, options) =>
      finish(await (await import("./commands/rollout-report.ts")).report(id, options)),
    );

  add("measures", "tell how well a cluster is delivered: DORA's four measures")
    .argument("<cluster>", "the cluster, such as playback-prod")
    .addOption(new Option("--days <number>", "over how many days back").argParser(count).default(30))
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail rollout measures playback-prod --days 90"))
    .action(async (cluster: string, options) =>
      finish(await (await import("./commands/rollout-measures.ts")).measures(cluster, options)),
    );
}
