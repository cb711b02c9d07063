/** What CodeBuild itself says in a log that tells of the failure; the rest of its lines only frame the phases. */
const telling = /Running command|did not exit successfully|State: (?!SUCCEEDED)|Message: \S/;

/** The last lines of a failed build's log that tell why: what its commands wrote, which ones ran, what failed. */
export function tellingLines(lines: readonly string[], count: number): readonly string[] {
  return lines.filter((line) => !line.startsWith("[Container] ") || telling.test(line)).slice(-count);
}
