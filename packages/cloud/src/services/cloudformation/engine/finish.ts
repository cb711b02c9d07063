import type { Context } from "../../../kernel/context.ts";
import { messageOf } from "@trysail/core";
import type { Instance } from "../environment.ts";
import type { Output, Stack } from "../model.ts";
import { tables } from "../store.ts";
import { resolve } from "../template/resolve.ts";
import { TemplateError } from "../template/template-error.ts";
import { followPlain } from "./secrets.ts";

/** A stack's outputs, resolved; or why they cannot be. */
export async function outputsOf(
  ctx: Context,
  stack: Stack,
  { template, environment }: Instance,
): Promise<readonly Output[] | { readonly reason: string }> {
  try {
    const outputs: Output[] = [];
    for (const [key, { value, description, condition, exportName }] of Object.entries(template.outputs)) {
      if (condition !== undefined && !environment.condition(condition)) continue;
      const resolved = await followPlain(ctx, resolve(value, environment));
      if (resolved === undefined) continue;
      if (typeof resolved !== "string" && typeof resolved !== "number" && typeof resolved !== "boolean") {
        throw new TemplateError(
          `Template format error: Output ${key} is malformed. The Value field of every Outputs member must evaluate to a String.`,
        );
      }
      const name = exportName === undefined ? undefined : String(resolve(exportName, environment));
      outputs.push({ key, value: String(resolved), description, exportName: name });
    }
    checkExports(ctx, stack, outputs);
    return outputs;
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/** Stacks that import what a stack exports, by the export's name. */
export function importersOf(ctx: Context, exportName: string): readonly string[] {
  return [...ctx.table(tables.imports).keys({ prefix: [exportName] })].map(
    ([, stackId]) => ctx.table(tables.stacks).get(stackId)?.name ?? stackId,
  );
}

function checkExports(ctx: Context, stack: Stack, outputs: readonly Output[]): void {
  const exports = ctx.table(tables.exports);
  for (const { exportName } of outputs) {
    const taken = exportName === undefined ? undefined : exports.get(exportName);
    if (taken !== undefined && taken.stackId !== stack.id) {
      throw new TemplateError(
        `Export with name ${exportName} is already exported by stack ${ctx.table(tables.stacks).get(taken.stackId)?.name ?? taken.stackId}.`,
      );
    }
  }
  for (const { exportName, value } of stack.outputs) {
    if (exportName === undefined) continue;
    const after = outputs.find((output) => output.exportName === exportName);
    const users = after?.value === value ? [] : importersOf(ctx, exportName);
    if (users.length > 0) {
      throw new TemplateError(
        `Export ${exportName} cannot be ${after === undefined ? "deleted" : "updated"} as it is in use by ${users.join(", ")}`,
      );
    }
  }
}

/** Makes what a stack exports and imports known, in the transaction that it becomes so in. */
export function publish(ctx: Context, stack: Stack, outputs: readonly Output[], imported: ReadonlySet<string>): void {
  const exports = ctx.table(tables.exports);
  for (const { exportName } of stack.outputs) if (exportName !== undefined) exports.delete(exportName);
  for (const { exportName, value } of outputs)
    if (exportName !== undefined) exports.put(exportName, { name: exportName, value, stackId: stack.id });
  const imports = ctx.table(tables.imports);
  for (const key of Array.from(imports.keys())) if (key[1] === stack.id && !imported.has(key[0])) imports.delete(key);
  for (const name of imported) imports.put([name, stack.id], true);
}
