// Puts what is run into `dist`, with the commit that it is of.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";

mkdirSync("dist", { recursive: true });
cpSync("src", "dist", { recursive: true });
const commit = (process.env.CODEBUILD_RESOLVED_SOURCE_VERSION ?? "local").slice(0, 7);
writeFileSync("dist/version.mjs", `export const version = ${JSON.stringify(commit)};\n`);
