import type { AwsError } from "../kernel/errors.ts";
import type { Faults } from "./faults.ts";
import type { Member } from "./shape.ts";

/** One pass over a request's values: where it is, and what it has found missing. */
export class Reading {
  readonly #path: string[] = [];
  readonly #missing: string[] = [];
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  enter(name: string): void {
    this.#path.push(name);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Notes a required member that is absent. */
  noteMissing(member: Member): void {
    this.#missing.push(this.#place(member.name));
  }

  /** @throws AwsError if a required member was missing anywhere */
  finish(): void {
    if (this.#missing.length > 0) throw this.#faults.missing(this.#missing);
  }

  wrongType(detail: string): AwsError {
    return this.#faults.wrongType(this.#place(), detail);
  }

  missingPayload(member: Member): AwsError {
    return this.#faults.missingPayload(this.#place(member.name));
  }

  malformed(detail: string): AwsError {
    return this.#faults.malformed(detail);
  }

  #place(last?: string): string {
    return [...this.#path, ...(last === undefined ? [] : [last])].map(lowerFirst).join(".");
  }
}

/** AWS names members in its messages so, whatever their case in the schema. */
function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Sets a member of a map. An entry may be called `__proto__`, which must not become the object's prototype. */
export function setEntry(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(map, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    map[key] = value;
  }
}
