/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const smallestPartBytes = 5 * 1024 ** 2;
export const largestPutBytes = 5 * 1024 ** 3;
export const largestObjectBytes = 50 * 1024 ** 4;
export const mostParts = 10_000;
export const longestKeyBytes = 1024;
/** Names and values of user metadata together. */
export const largestMetadataBytes = 2048;
export const largestPage = 1000;
export const mostDeletesAtOnce = 1000;
export const largestPolicyBytes = 20 * 1024;

/** Bodies up to this size are kept in a row; larger ones are files of their own. */
export const inlineBytes = 16 * 1024;
/** Bodies up to this size are answered in one piece, which is far cheaper than a stream. */
export const wholeBytes = 64 * 1024;
/** How long the file of a deleted body stays for those who are still reading it. */
export const bodyGraceMs = 60_000;
