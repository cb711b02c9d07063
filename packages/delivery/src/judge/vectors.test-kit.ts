import { readFileSync } from "node:fs";

/** Cases that Kayenta's own tests have; "NaN" stands for what JSON cannot tell. */
export function vectors<Case>(name: string): readonly Case[] {
  const text = readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), "utf8");
  return JSON.parse(text, (_, value) => (value === "NaN" ? Number.NaN : value)).cases;
}
