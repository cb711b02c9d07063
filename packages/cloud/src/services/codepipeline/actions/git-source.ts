import { rm } from "node:fs/promises";
import { join } from "node:path";
import { zipFolder } from "../archive.ts";
import { uploadArtifact } from "../artifacts.ts";
import type { Provider, Step, Work } from "./provider.ts";
import { connectedRepository, connectionProvider } from "./repository.ts";

/** A repository that a source action reads. */
interface Source {
  /** Among the git repositories. */
  readonly path: string;
  readonly branch: string;
  readonly format: string;
  /** What a clone is told as its `origin`. */
  readonly originUrl: string;
  readonly commitUrl: (id: string) => string | undefined;
  /** Whether the committer's date is among the variables. */
  readonly tellsCommitter: boolean;
  /** Beside those of the commit. */
  readonly variables: Readonly<Record<string, string>>;
}

const fullClone = "CODEBUILD_CLONE_REF";

async function readSource(
  { record, input, execution, storing }: Work,
  source: Source,
): Promise<{ readonly revision: string; readonly branch: string } | Step> {
  const override = execution.sourceOverrides.find(({ actionName }) => actionName === record.name);
  const branch = override?.branch ?? source.branch;
  const revision = override?.revisionType === "COMMIT_ID" ? override.revisionValue : `refs/heads/${branch}`;
  const commit = await storing.host.git.commit(source.path, revision);
  if (commit !== undefined) return { revision: commit.id, branch };
  const what = override === undefined ? `branch ${branch}` : `commit ${revision ?? ""}`;
  const where =
    input.configuration["FullRepositoryId"] ??
    input.configuration["RepositoryName"] ??
    `${input.configuration["Owner"]}/${input.configuration["Repo"]}`;
  return {
    status: "failed",
    code: "ConfigurationError",
    message: `The ${what} was not found in the repository ${where}.`,
  };
}

/** Makes the artifact of a git source: the files of a commit, or a full clone. */
async function take(work: Work, source: Source): Promise<Step> {
  const { storing, input, folder } = work;
  const { git } = storing.host;
  const found = await readSource(work, source);
  if ("status" in found) return found;
  const { revision, branch } = found;
  const commit = await git.commit(source.path, revision);
  const [output] = input.outputs;
  if (output === undefined || commit === undefined) throw new Error("a source action has no output or commit");
  const tree = join(folder, "tree");
  await rm(tree, { recursive: true, force: true });
  if (source.format === fullClone) await git.clone(source.path, revision, tree, source.originUrl);
  else await git.checkout(source.path, revision, tree);
  const archive = join(folder, "source.zip");
  await zipFolder(tree, archive);
  await uploadArtifact(storing, output, archive);
  const message = commit.message.trimEnd();
  const url = source.commitUrl(revision);
  return {
    status: "succeeded",
    externalId: revision,
    ...(url === undefined ? {} : { externalUrl: url }),
    summary: message,
    revision: { revisionId: revision, revisionSummary: message, revisionUrl: url },
    variables: {
      ...source.variables,
      AuthorDate: commit.author.date,
      BranchName: branch,
      CommitId: revision,
      CommitMessage: message,
      ...(source.tellsCommitter && { CommitterDate: commit.committer.date }),
    },
  };
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html */
export const connection: Provider = {
  async step(work) {
    const {
      FullRepositoryId: name = "",
      BranchName: branch = "",
      ConnectionArn: arn = "",
      OutputArtifactFormat: format = "CODE_ZIP",
    } = work.input.configuration;
    const provider = await connectionProvider(work.acting, arn);
    return take(work, {
      ...(await connectedRepository(work.storing, name, provider, undefined)),
      branch,
      format,
      tellsCommitter: false,
      commitUrl: (id) => (provider === "GitHub" ? `https://github.com/${name}/commit/${id}` : undefined),
      variables: { ConnectionArn: arn, FullRepositoryName: name },
    });
  },
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/appendix-github-oauth.html */
export const gitHub: Provider = {
  async step(work) {
    const {
      Owner: owner = "",
      Repo: repository = "",
      Branch: branch = "",
      OAuthToken: token,
    } = work.input.configuration;
    const name = `${owner}/${repository}`;
    const commitUrl = (id: string) => `https://github.com/${name}/commit/${id}`;
    const step = await take(work, {
      ...(await connectedRepository(work.storing, name, "GitHub", token)),
      branch,
      format: "CODE_ZIP",
      tellsCommitter: true,
      commitUrl,
      variables: { RepositoryName: repository },
    });
    if (step.status !== "succeeded") return step;
    const { variables = {} } = step;
    return { ...step, variables: { ...variables, CommitUrl: commitUrl(variables["CommitId"] ?? "") } };
  },
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html */
export const codeCommit: Provider = {
  async step(work) {
    const {
      RepositoryName: name = "",
      BranchName: branch = "",
      OutputArtifactFormat: format = "CODE_ZIP",
    } = work.input.configuration;
    const { account, region } = work.acting;
    const { repositoryMetadata } = await work.acting.call.codecommit.getRepository({ repositoryName: name });
    return take(work, {
      path: `codecommit/${account}/${region}/${repositoryMetadata?.repositoryId}`,
      branch,
      format,
      originUrl: repositoryMetadata?.cloneUrlHttp ?? "",
      tellsCommitter: true,
      commitUrl: (id) =>
        `https://${region}.console.aws.amazon.com/codesuite/codecommit/repositories/${name}/commit/${id}?region=${region}`,
      variables: { RepositoryName: name },
    });
  },
};
