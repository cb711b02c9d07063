import { cp, readFile, readdir, rm, writeFile } from "node:fs/promises";

// What the pages may name, as {{name}}.
const values = {
  commit: process.env.CODEBUILD_RESOLVED_SOURCE_VERSION?.slice(0, 7) ?? "of a working copy",
  built: new Date().toISOString(),
};

await rm("dist", { recursive: true, force: true });
await cp("src", "dist", { recursive: true });
for (const file of await readdir("dist")) {
  if (!file.endsWith(".html")) continue;
  const page = await readFile(`dist/${file}`, "utf8");
  await writeFile(
    `dist/${file}`,
    page.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => values[name]),
  );
  console.log(`built ${file}`);
}
