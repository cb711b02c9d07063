import type { ArchitectureValues } from "@aws-sdk/client-ec2";

/** What an instance of a type may use of the machine. */
export interface InstanceType {
  readonly name: string;
  readonly architecture: Extract<ArchitectureValues, "x86_64" | "arm64">;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly isBurstable: boolean;
}

type Sizes = Readonly<Record<string, number | readonly [vcpus: number, memoryGib: number]>>;

const t2: Sizes = {
  nano: [1, 0.5],
  micro: [1, 1],
  small: [1, 2],
  medium: [2, 4],
  large: [2, 8],
  xlarge: [4, 16],
  "2xlarge": [8, 32],
};
const t3: Sizes = { ...t2, nano: [2, 0.5], micro: [2, 1], small: [2, 2] };
const usual: Sizes = {
  large: 2,
  xlarge: 4,
  "2xlarge": 8,
  "4xlarge": 16,
  "8xlarge": 32,
  "12xlarge": 48,
  "16xlarge": 64,
  "24xlarge": 96,
};
const c5: Sizes = {
  large: 2,
  xlarge: 4,
  "2xlarge": 8,
  "4xlarge": 16,
  "9xlarge": 36,
  "12xlarge": 48,
  "18xlarge": 72,
  "24xlarge": 96,
};
const newest: Sizes = { ...usual, "48xlarge": 192 };
const graviton: Sizes = {
  medium: 1,
  large: 2,
  xlarge: 4,
  "2xlarge": 8,
  "4xlarge": 16,
  "8xlarge": 32,
  "12xlarge": 48,
  "16xlarge": 64,
};

/** Families of types: their sizes, and how many GiB of memory come with a virtual CPU where the size does not say it. */
const families: Readonly<Record<string, readonly [Sizes, gibPerVcpu: number, InstanceType["architecture"]]>> = {
  m1: [{ small: [1, 1.7] }, 0, "x86_64"],
  t2: [t2, 0, "x86_64"],
  t3: [t3, 0, "x86_64"],
  t3a: [t3, 0, "x86_64"],
  t4g: [t3, 0, "arm64"],
  ...Object.fromEntries(
    (
      [
        ["m", 4],
        ["c", 2],
        ["r", 8],
      ] as const
    ).flatMap(([letter, gib]) => [
      [`${letter}5`, [letter === "c" ? c5 : usual, gib, "x86_64"]],
      ...["5a", "6i", "6a"].map((version) => [`${letter}${version}`, [usual, gib, "x86_64"]]),
      [`${letter}7i`, [newest, gib, "x86_64"]],
      ...["6g", "7g", "8g"].map((version) => [`${letter}${version}`, [graviton, gib, "arm64"]]),
    ]),
  ),
};

/** Types that instances can be of: the common ones of AWS's, by name. */
export const instanceTypes: ReadonlyMap<string, InstanceType> = new Map(
  Object.entries(families).flatMap(([family, [sizes, gibPerVcpu, architecture]]) =>
    Object.entries(sizes).map(([size, given]) => {
      const [vcpus, memoryGib] = typeof given === "number" ? [given, given * gibPerVcpu] : given;
      const name = `${family}.${size}`;
      const isBurstable = family.startsWith("t");
      return [name, { name, architecture, vcpus, memoryMib: Math.round(memoryGib * 1024), isBurstable }] as const;
    }),
  ),
);
