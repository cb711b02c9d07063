import { Option } from "commander";
import type { Command } from "commander";
import { count, dataOption, duration, examples, jsonOption, nameAndValue, regionOption } from "./options.ts";

/** `trysail metrics …` and `trysail events`: see program.ts. */
export function addMonitoringCommands(program: Command, finish: (exitCode: number) => void): void {
  const metrics = program.command("metrics").description("see what was measured");
  const add = (name: string, description: string) =>
    metrics.command(name).description(description).addOption(regionOption()).addOption(dataOption());

  add("list", "list the metrics that there is data of")
    .argument("[filter]", "what their namespace, name or dimensions have in them")
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail metrics list", "trysail metrics list AWS/ApplicationELB"))
    .action(async (filter: string | undefined, options) =>
      finish(await (await import("./commands/metrics-list.ts")).list(filter, options)),
    );

  add("plot", "draw a metric's curve")
    .argument("<metric>", "its name, such as RequestCount")
    .addOption(new Option("--namespace <namespace>", "where several services have a metric of that name"))
    .addOption(
      new Option("--dimension <name=value>", "of these series only; may be given more than once").argParser(
        nameAndValue,
      ),
    )
    .addOption(
      new Option(
        "--statistic <statistic>",
        "Sum, Average, Maximum, p99 …; by default Sum of what is counted, else Average",
      ),
    )
    .addOption(
      new Option("--period <time>", "the length of one point; by default what fits the width").argParser(duration),
    )
    .addOption(new Option("--since <time>", "how far back to begin").argParser(duration).default(300, "5m"))
    .addOption(new Option("-f, --follow", "draw it anew each second, until Ctrl-C"))
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples(
        "trysail metrics plot RequestCount --follow",
        "trysail metrics plot TargetResponseTime --statistic p99 --since 1h",
        "trysail metrics plot CPUUtilization --dimension AutoScalingGroupName=web",
      ),
    )
    .action(async (name: string, options) =>
      finish(await (await import("./commands/metrics-plot.ts")).plot(name, options)),
    );

  program
    .command("events")
    .description("tell what happened: the events of all services, as EventBridge has them")
    .addOption(new Option("-f, --follow", "go on until Ctrl-C"))
    .addOption(new Option("-n, --lines <count>", "how many events back to begin").argParser(count).default(50))
    .addOption(new Option("--source <prefix>", "only from services whose name begins so, such as aws.codepipeline"))
    .addOption(regionOption())
    .addOption(dataOption())
    .addOption(new Option("--json", "print each event as a line of JSON, as EventBridge delivers it"))
    .addHelpText("after", examples("trysail events", "trysail events --follow --source aws.autoscaling"))
    .action(async (options) => finish(await (await import("./commands/events.ts")).events(options)));
}
