import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html */
export const errors = errorTable({
  ActiveInstanceRefreshNotFound: 400,
  AlreadyExists: 400,
  InstanceRefreshInProgress: 400,
  InvalidNextToken: 400,
  IrreversibleInstanceRefresh: 400,
  LimitExceeded: 400,
  NotImplemented: 501,
  ResourceInUse: 400,
  ScalingActivityInProgress: 400,
  ValidationError: 400,
});

/** Refuses what a caller asks for and Trysail does not do. */
export function refuse(what: string) {
  return errors.NotImplemented(`Trysail does not implement ${what}.`);
}
