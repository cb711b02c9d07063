import { createHash } from "node:crypto";

/** AWS's limit on a service's name. */
const longestName = 255;

/**
 * A service's name for a server group's: ECS allows letters, digits, hyphens and underscores. One that has others gets a hash,
 * so that no two groups share a service.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
 */
export function serviceName(group: string): string {
  if (/^[a-zA-Z0-9_-]+$/.test(group) && group.length <= longestName) return group;
  const hash = createHash("sha256").update(group).digest("hex").slice(0, 8);
  return `${group.replaceAll(/[^a-zA-Z0-9_-]/g, "-").slice(0, longestName - hash.length - 1)}-${hash}`;
}
