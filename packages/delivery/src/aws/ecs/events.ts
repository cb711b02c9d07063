import type { ServiceEvent } from "@aws-sdk/client-ecs";

/**
 * Why a service has too few tasks, in ECS's words: the newest event that tells of a failure.
 *
 * @param events - the newest first, as ECS tells them
 * @param since - when the service was made: one of its name before it has left its events
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
 */
export function whyFewer(events: readonly ServiceEvent[], since: Date | undefined): string | undefined {
  const failure = events.find(
    ({ createdAt, message = "" }) =>
      /unable|unhealthy|fail|throttled/i.test(message) &&
      (since === undefined || createdAt === undefined || createdAt >= since),
  );
  return failure?.message?.replace(/^\(service [^)]+\)\s*/, "");
}
