import type { BuildArtifacts, ProjectArtifacts } from "@aws-sdk/client-codebuild";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { ArtifactSpec } from "../buildspec/types.ts";
import { uuidOf } from "../model.ts";
import { pack } from "./archive.ts";
import { upload } from "./objects.ts";
import { PhaseProblem } from "./problem.ts";
import { prepared, scratchFile } from "./run.ts";
import type { Run } from "./run.ts";
import { selectFiles } from "./select-files.ts";

/** So many objects of an artifact that is not packed are uploaded at once. */
const uploadsAtOnce = 8;

const trimSlashes = (text: string) => text.replace(/^\/+|\/+$/g, "");

/**
 * The key, or the folder, that an artifact is uploaded to.
 *
 * @param name - the name in the buildspec, expanded; it counts if the project says so
 * @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html
 */
export function artifactKey(
  artifacts: ProjectArtifacts,
  more: {
    readonly buildId: string;
    readonly project: string;
    readonly name?: string;
    readonly s3Prefix?: string | undefined;
  },
): string {
  const { path = "", namespaceType = "NONE", overrideArtifactName = false } = artifacts;
  const own = artifacts.name ?? more.project;
  const name = overrideArtifactName && more.name !== undefined ? more.name : own === "/" || own === "." ? "" : own;
  const byId = namespaceType === "BUILD_ID" ? uuidOf(more.buildId) : "";
  return [more.s3Prefix !== undefined && byId !== "" ? more.s3Prefix : path, byId, name]
    .map(trimSlashes)
    .filter((part) => part !== "")
    .join("/");
}

async function digests(file: string): Promise<{ readonly md5: string; readonly sha256: string }> {
  const [md5, sha256] = [createHash("md5"), createHash("sha256")];
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      md5.update(chunk);
      sha256.update(chunk);
    }
  });
  return { md5: md5.digest("hex"), sha256: sha256.digest("hex") };
}

/** Uploads one artifact. @returns what the build tells of it */
async function uploadArtifact(run: Run, artifacts: ProjectArtifacts, spec: ArtifactSpec): Promise<BuildArtifacts> {
  const { ctx, log, stored, sourceFolder } = run;
  const { location: bucket = "", artifactIdentifier, encryptionDisabled, overrideArtifactName } = artifacts;
  log.container(`Expanding base directory path: ${spec.baseDirectory ?? "."}`);
  log.container("Assembling file list");
  log.container(`Expanding file paths for base directory ${spec.baseDirectory ?? "."}`);
  for (const pattern of spec.files) log.container(`Expanding ${pattern}`);
  const files = await selectFiles(sourceFolder, spec);
  log.container(`Found ${files.length} file(s)`);

  const expanded = overrideArtifactName === true && spec.name !== undefined ? await expand(run, spec.name) : undefined;
  const key = artifactKey(artifacts, {
    buildId: stored.build.id,
    project: stored.build.projectName,
    ...(expanded !== undefined && { name: expanded }),
    s3Prefix: spec.s3Prefix,
  });
  const shown = {
    artifactIdentifier,
    encryptionDisabled,
    overrideArtifactName,
    location: `arn:aws:s3:::${[bucket, key].filter(Boolean).join("/")}`,
  };
  const metadata = { "codebuild-buildarn": stored.build.arn };
  if (artifacts.packaging !== "ZIP") {
    const waiting = [...files];
    const worker = async () => {
      for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
        await upload(ctx, bucket, [key, file.name].filter(Boolean).join("/"), file.path, metadata);
      }
    };
    await Promise.all(Array.from({ length: uploadsAtOnce }, worker));
    return shown;
  }
  const archive = scratchFile(run, "zip");
  await pack(files, archive);
  const [{ md5, sha256 }] = await Promise.all([digests(archive), upload(ctx, bucket, key, archive, metadata)]);
  return { ...shown, md5sum: md5, sha256sum: sha256 };
}

/** A name in the shell's language, such as `site-$(date +%F)`, as the build's shell expands it. */
export async function expand(run: Run, text: string): Promise<string> {
  if (!/[$`\\]/.test(text)) return text;
  const { shell } = prepared(run);
  const variable = "TRYSAIL_EXPANDED";
  const end = `END_${run.ctx.ids.hex(16)}`;
  await shell.run(`${variable}=$(cat <<${end}\n${text}\n${end}\n)`, true);
  return shell.value(variable);
}

/** Uploads what the build has made. */
export async function uploadArtifacts(
  run: Run,
): Promise<{ readonly artifacts?: BuildArtifacts; readonly secondaryArtifacts: BuildArtifacts[] }> {
  const { artifacts, secondaryArtifacts } = run.stored;
  const { buildspec } = prepared(run);
  const uploaded: BuildArtifacts[] = [];
  for (const own of secondaryArtifacts) {
    if (own.type !== "S3") continue;
    const spec = buildspec.secondaryArtifacts[own.artifactIdentifier ?? ""];
    if (spec === undefined) {
      throw new PhaseProblem(
        "CLIENT_ERROR",
        `no definition for secondary artifact ${own.artifactIdentifier} found in the buildspec`,
      );
    }
    uploaded.push(await uploadArtifact(run, own, spec));
  }
  if (artifacts.type !== "S3" || buildspec.artifacts === undefined) {
    // With secondary artifacts only, `files` is there because it must be.
    if (artifacts.type === "S3")
      throw new PhaseProblem("CLIENT_ERROR", "the project has artifacts, and the buildspec defines none");
    return { secondaryArtifacts: uploaded };
  }
  return { artifacts: await uploadArtifact(run, artifacts, buildspec.artifacts), secondaryArtifacts: uploaded };
}
