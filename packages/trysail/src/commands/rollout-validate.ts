import { exitCodes } from "../exit-codes.ts";
import { readSpec, specSummary } from "../rollout/read-spec.ts";
import { processTerminal } from "../terminal/terminal.ts";

/** `trysail rollout validate`: needs no Trysail, and no account. */
export async function validate(file: string, options: { readonly json?: boolean }): Promise<number> {
  const { line, style } = processTerminal();
  const read = await readSpec(file);
  const isRight = read.kind === "right";
  if (options.json === true)
    line(JSON.stringify(isRight ? { ok: true, spec: read.spec } : { ok: false, mistakes: read.mistakes }));
  else if (isRight) line(`${file} is right: ${specSummary(read.spec)}`);
  else for (const mistake of read.mistakes) line(style.red(mistake));
  return isRight ? exitCodes.ok : exitCodes.failure;
}
