/** What a command's exit code means. Documented in docs/cli.md. */
export const exitCodes = {
  ok: 0,
  /** What was asked for failed: a build, a pipeline, a request. */
  failure: 1,
  /** The command line itself is wrong. */
  usage: 2,
  notRunning: 3,
  portInUse: 4,
  /** The data folder is another running Trysail's, is not Trysail's, or cannot be read. */
  data: 5,
  /** The disk is full, or does not let us write. */
  disk: 6,
} as const;
