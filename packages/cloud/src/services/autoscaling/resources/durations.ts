import { textOf } from "./values.ts";

/**
 * The milliseconds of a duration as policies have it: `PT5M`, `PT1H30M`.
 *
 * @throws Error if it is none
 */
export function durationMs(text: unknown, byDefault: number): number {
  if (text === undefined) return byDefault;
  const parts = /^PT(?:(?<h>\d+)H)?(?:(?<m>\d+)M)?(?:(?<s>\d+)S)?$/.exec(textOf(text))?.groups;
  if (parts === undefined) throw new Error(`Invalid duration: ${textOf(text)}. It must be like PT#H#M#S.`);
  const { h = "0", m = "0", s = "0" } = parts;
  return ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000;
}
