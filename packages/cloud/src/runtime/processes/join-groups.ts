/**
 * The command and arguments that run a program in control groups, which it joins itself.
 *
 * @param joins - files to write a `0` to; none: as it is
 */
export function joinGroups(
  joins: readonly string[],
  command: string,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  if (joins.length === 0) return { command, args };
  const script = `while [ "$1" != -- ]; do echo 0 >"$1" || exit; shift; done; shift; exec "$@"`;
  return { command: "/bin/sh", args: ["-c", script, "trysail", ...joins, "--", command, ...args] };
}
