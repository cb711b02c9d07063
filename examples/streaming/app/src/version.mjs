/** The commit; the build writes it here. */
export const version = "unreleased";
