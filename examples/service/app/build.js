// Writes `dist/server.mjs`, with the commit that it was built from.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const commit = (process.env.CODEBUILD_RESOLVED_SOURCE_VERSION ?? "local").slice(0, 7);
const source = readFileSync("src/server.mjs", "utf8");
mkdirSync("dist/current", { recursive: true });
writeFileSync("dist/current/server.mjs", source.replace('"unreleased"', JSON.stringify(commit)));
// What the deployment to ECS asks for: the container's image. It is the same each time; the code is fetched at start.
writeFileSync(
  "dist/imagedefinitions.json",
  JSON.stringify([{ name: "web", imageUri: "public.ecr.aws/docker/library/node:22" }]),
);
