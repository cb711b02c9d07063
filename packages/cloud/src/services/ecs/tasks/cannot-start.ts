/** Why a task cannot start, in ECS's words: thrown by what prepares and starts its containers. */
export class CannotStart extends Error {
  override readonly name = "CannotStart";
}
