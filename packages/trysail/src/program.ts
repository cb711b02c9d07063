import { Command, Option } from "commander";
import { count, dataOption, examples, hostImage, jsonOption, port, regionOption, regions } from "./options.ts";
import { addMonitoringCommands } from "./monitoring-program.ts";
import { addPipelineCommands } from "./pipeline-program.ts";
import { addRolloutCommands } from "./rollout-program.ts";
import { version } from "./version.ts";

const exitCodeHelp = `
Exit codes: 0 success, 1 failure, 2 wrong usage, 3 not running, 4 port in use, 5 data folder in use or corrupt, 6 disk.
A command means the Trysail of --data, else of $TRYSAIL_DATA, else of the nearest .trysail folder, else your own one.`;

/**
 * The command line: names, options and help. What a command does is in a file of its own, loaded when it is called, so
 * that `trysail --help` is quick.
 *
 * @param finish - told the exit code of the command
 */
export function createProgram(finish: (exitCode: number) => void): Command {
  const program = new Command("trysail")
    .description("Continuous delivery on AWS, whole on one machine: real pipelines, real builds, no account.")
    .version(version)
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError("Run it with --help to see how it is called.")
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      examples("trysail up --detach", "trysail exec -- cdk deploy", "trysail pipeline watch") + `\n${exitCodeHelp}`,
    );

  program
    .command("up")
    .description("start Trysail, and serve until Ctrl-C or `trysail down`")
    .addOption(new Option("--port <number>", "the port on 127.0.0.1; 0 takes a free one").argParser(port).default(4566))
    .addOption(new Option("--regions <list>", "the regions, the default one first").argParser(regions))
    .addOption(dataOption())
    .addOption(
      new Option(
        "--image <name[=folder]>",
        "an image whose program this machine runs, in the folder, where no container engine answers; can be repeated",
      ).argParser(hostImage),
    )
    .addOption(new Option("--no-engine", "run no images in containers"))
    .addOption(new Option("--detach", "run in the background; return when it is ready"))
    .addOption(jsonOption())
    .addOption(new Option("--report-to-parent").hideHelp())
    .addHelpText(
      "after",
      examples("trysail up", "trysail up --port 0 --detach --json", "trysail up --regions eu-west-1,us-east-1"),
    )
    .action(async (options) => finish(await (await import("./commands/up.ts")).up(options)));

  program
    .command("down")
    .description("stop Trysail, and wait until it and its builds are gone")
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail down"))
    .action(async (options) => finish(await (await import("./commands/down.ts")).down(options)));

  program
    .command("status")
    .description("tell whether Trysail runs, and what it is at")
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail status", "trysail status --json | jq -r .endpoint"))
    .action(async (options) => finish(await (await import("./commands/status.ts")).status(options)));

  program
    .command("ps")
    .description("list the instances and tasks, the processes behind them, and what cannot be started")
    .addOption(new Option("--all", "those that have ended too, with the reason"))
    .addOption(regionOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail ps", "trysail ps --all --region eu-west-1"))
    .action(async (options) => finish(await (await import("./commands/ps.ts")).ps(options)));

  program
    .command("reset")
    .description("delete everything that Trysail has stored")
    .addOption(dataOption())
    .addOption(new Option("--yes", "do it without asking, and stop Trysail first if it runs"))
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail reset --yes"))
    .action(async (options) => finish(await (await import("./commands/reset.ts")).reset(options)));

  program
    .command("env")
    .description("print what makes a shell's AWS clients talk to Trysail")
    .addOption(dataOption())
    .addOption(regionOption())
    .addOption(new Option("--shell <shell>", "whose commands to print").choices(["bash", "zsh", "fish"]))
    .addOption(jsonOption())
    .addHelpText("after", examples('eval "$(trysail env)"', "trysail env --shell fish | source"))
    .action(async (options) => finish(await (await import("./commands/env.ts")).env(options)));

  program
    .command("exec")
    .description("run a command whose AWS clients talk to Trysail, and cannot reach a real account")
    .argument("<command...>", "the command and its arguments")
    .addOption(dataOption())
    .addOption(regionOption())
    .passThroughOptions()
    .addHelpText(
      "after",
      examples(
        "trysail exec -- cdk deploy",
        "trysail exec --region eu-west-1 -- aws s3 ls",
        "trysail exec -- npm test",
      ),
    )
    .action(async (command: string[], options) =>
      finish(await (await import("./commands/exec.ts")).exec(command, options)),
    );

  const repo = program.command("repo").description("git repositories that stand in for GitHub's");
  repo
    .command("add")
    .description("serve owner/name, and print what to push to")
    .argument("<name>", "owner and name, as the pipeline's source gives them")
    .addOption(new Option("--from <path-or-url>", "what to fill it with"))
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples(
        "trysail repo add acme/website",
        "trysail repo add acme/website --from .",
        "git push $(trysail repo add acme/website) main",
      ),
    )
    .action(async (name: string, options) =>
      finish(await (await import("./commands/repo.ts")).addRepository(name, options)),
    );
  repo
    .command("list")
    .description("list the repositories")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => finish(await (await import("./commands/repo.ts")).listRepositories(options)));

  addPipelineCommands(program.command("pipeline").description("see and steer pipelines"), finish);

  addRolloutCommands(
    program.command("rollout").description("bring a version to all regions, step by step, and back"),
    finish,
  );

  addMonitoringCommands(program, finish);

  program
    .command("worker")
    .description("serve rollouts and the pipelines' actions that begin them, until Ctrl-C; `trysail up` does so itself")
    .addOption(new Option("--aws", "in the AWS account of this shell's own settings; else in the running Trysail"))
    .addOption(
      new Option("--bucket <name>", "the bucket that rollouts are kept in; else trysail-rollouts-ACCOUNT-REGION"),
    )
    .addOption(regionOption("the region of the pipelines and of the bucket; else the first one"))
    .addOption(dataOption())
    .addHelpText("after", examples("trysail worker --aws --region us-east-1"))
    .action(async (options) => finish(await (await import("./commands/worker.ts")).worker(options)));

  program
    .command("logs")
    .description("print Trysail's own log, or a log group of CloudWatch Logs")
    .argument("[group]", "a log group, such as /aws/codebuild/my-project")
    .addOption(new Option("-f, --follow", "go on until Ctrl-C"))
    .addOption(new Option("-n, --lines <count>", "how many lines back to begin").argParser(count).default(100))
    .addOption(regionOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples("trysail logs", "trysail logs --follow", "trysail logs /aws/codebuild/my-project --follow"),
    )
    .action(async (group: string | undefined, options) =>
      finish(await (await import("./commands/logs.ts")).logs(group, options)),
    );

  program
    .command("doctor")
    .description("tell what this machine offers to Trysail, and what it lacks")
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("trysail doctor"))
    .action(async (options) => finish(await (await import("./commands/doctor.ts")).doctor(options)));

  return program;
}
