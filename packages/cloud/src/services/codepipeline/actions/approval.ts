import type { Provider } from "./provider.ts";

/** Waits for PutApprovalResult, which ends the run. @see https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html */
export const approval: Provider = {
  step: ({ record, home }) => Promise.resolve({ status: "waiting", token: record.token ?? home.ids.uuid() }),
};
