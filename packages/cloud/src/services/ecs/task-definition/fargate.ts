/** Memory in MiB that Fargate offers for each CPU size, from the least to the most in equal steps. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

const gib = 1024;

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size */
const sizes: ReadonlyMap<number, readonly number[] | Range> = new Map<number, readonly number[] | Range>([
  [256, [512, gib, 2 * gib]],
  [512, { from: gib, to: 4 * gib, step: gib }],
  [1024, { from: 2 * gib, to: 8 * gib, step: gib }],
  [2048, { from: 4 * gib, to: 16 * gib, step: gib }],
  [4096, { from: 8 * gib, to: 30 * gib, step: gib }],
  [8192, { from: 16 * gib, to: 60 * gib, step: 4 * gib }],
  [16_384, { from: 32 * gib, to: 120 * gib, step: 8 * gib }],
]);

/** Whether Fargate has tasks of that size. @param cpu - in units of 1/1024 @param memory - in MiB */
export function isFargateSize(cpu: number, memory: number): boolean {
  const offered = sizes.get(cpu);
  if (offered === undefined) return false;
  if (!("from" in offered)) return offered.includes(memory);
  return memory >= offered.from && memory <= offered.to && (memory - offered.from) % offered.step === 0;
}

/** CPU units of `1024`, `1 vCPU` or `.5 vcpu`; undefined if it is none of them. */
export function parseCpu(text: string): number | undefined {
  const match = /^(?<number>\d*\.?\d+)\s*(?<unit>vcpu)?$/i.exec(text.trim());
  if (match?.groups === undefined) return undefined;
  const units = Number(match.groups["number"]) * (match.groups["unit"] === undefined ? 1 : 1024);
  return Number.isInteger(units) && units > 0 ? units : undefined;
}

/** MiB of `2048`, `2 GB` or `2GB`; undefined if it is none of them. */
export function parseMemory(text: string): number | undefined {
  const match = /^(?<number>\d*\.?\d+)\s*(?<unit>gb)?$/i.exec(text.trim());
  if (match?.groups === undefined) return undefined;
  const mib = Number(match.groups["number"]) * (match.groups["unit"] === undefined ? 1 : gib);
  return Number.isInteger(mib) && mib > 0 ? mib : undefined;
}
