/** @see https://docs.aws.amazon.com/general/latest/gr/sns.html */
export const limits = {
  /** A message with its attributes, or all of a batch. */
  messageBytes: 256 * 1024,
  subjectCharacters: 100,
  entriesInBatch: 10,
  filterPolicyKeys: 5,
  filterPolicyCombinations: 150,
  filterPolicyBytes: 256 * 1024,
  /** A subscription that nobody has confirmed by then is gone. */
  confirmationMs: 48 * 3_600_000,
  /** An endpoint that has not answered by then has failed. */
  answerMs: 15_000,
  pageSize: 100,
} as const;
