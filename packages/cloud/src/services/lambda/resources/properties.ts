import { isAwsError } from "../../../kernel/errors.ts";

/** A number that a template may write as a text. */
export function numberOf(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** Carries out a removal; what is gone already is removed. */
export async function unlessGone(work: () => Promise<unknown>): Promise<{ readonly status: "done" }> {
  try {
    await work();
  } catch (error) {
    if (!isAwsError(error, "ResourceNotFoundException")) throw error;
  }
  return { status: "done" };
}

/** What is there already, if what was to be made is: by an attempt before this one, which a crash has cut short. */
export async function orExisting<T>(create: () => Promise<T>, find: () => Promise<T | undefined>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (!isAwsError(error, "ResourceConflictException")) throw error;
    const found = await find();
    if (found === undefined) throw error;
    return found;
  }
}
