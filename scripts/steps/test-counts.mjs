/**
 * @typedef {{ readonly status: string }} TestResult
 * @typedef {{ readonly status: string, readonly assertionResults: readonly TestResult[] }} FileResult
 */

/**
 * How many tests passed, failed and were skipped. A file that fails before its first test counts as one that failed.
 *
 * @param {{ readonly testResults: readonly FileResult[] }} report - of vitest's json reporter
 */
export function countsOf({ testResults }) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of testResults) {
    for (const test of assertionResults) {
      if (test.status === "passed") counts.passed += 1;
      else if (test.status === "failed") counts.failed += 1;
      else counts.skipped += 1;
    }
    if (status === "failed" && !assertionResults.some((test) => test.status === "failed")) counts.failed += 1;
  }
  return counts;
}
