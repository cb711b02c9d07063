import { resolve } from "node:path";
import type { HostImages } from "@trysail/cloud";
import { InvalidArgumentError, Option } from "commander";
import { parseRegion } from "@trysail/core";
import { secondsOf } from "./metrics/choose.ts";

export const dataOption = () => new Option("--data <folder>", "the data folder of the Trysail that is meant");
export const jsonOption = () => new Option("--json", "print the result as JSON");
export const regionOption = (help = "the region that is meant") =>
  new Option("--region <region>", help).argParser(region);

function region(text: string) {
  const parsed = parseRegion(text);
  if (parsed === undefined) throw new InvalidArgumentError("Give a region's code, such as eu-west-1.");
  return parsed;
}

export function regions(text: string) {
  return text.split(",").map((part) => region(part.trim()));
}

export function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError("Give a number from 0 to 65535.");
  return number;
}

/** Collects `NAME=FOLDER`s, or `NAME`s alone. */
export function hostImage(text: string, before: HostImages = {}): HostImages {
  const [, name, folder] = /^([^=]+)(?:=(.+))?$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("Give an image's name, and a folder: shop=./shop");
  return { ...before, [name]: folder === undefined ? undefined : resolve(folder) };
}

export function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Give a number.");
  return Number(text);
}

/** Collects `NAME=VALUE`s. */
export function nameAndValue(text: string, before: readonly (readonly [string, string])[] = []) {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give NAME=VALUE.");
  return [...before, [text.slice(0, at), text.slice(at + 1)] as const];
}

/** A length of time, in seconds. */
export function duration(text: string): number {
  const seconds = secondsOf(text);
  if (seconds === undefined) throw new InvalidArgumentError("Give a time, such as 90s, 15m, 3h or 2d.");
  return seconds;
}

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}
