import { TrysailError } from "@trysail/core";
import { describe, expect, it } from "vitest";
import { failureOf, notApplied, unreachable } from "./failures.ts";

/** As the SDK throws what AWS answers. */
const answered = (name: string, message = "Words of AWS.", httpStatusCode = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
/** As Node throws where no answer comes. */
const failed = (code: string) => Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code });

describe("a call that failed", () => {
  it.each([
    [answered("ThrottlingException"), "throttled"],
    [answered("RequestLimitExceeded", "", 503), "throttled"],
    [answered("ScalingActivityInProgressFault"), "busy"],
    [answered("ResourceInUse"), "busy"],
    [failed("ECONNREFUSED"), "down"],
    [failed("ENOTFOUND"), "down"],
    [answered("TimeoutError"), "down"],
    [answered("ServiceUnavailable", "", 503), "down"],
    // Of no name that is known, but no fault of the caller.
    [answered("SomethingNew", "", 500), "down"],
  ])("may go by itself: %s", (error, kind) => {
    expect(failureOf(error).kind).toBe(kind);
    expect(unreachable(error, 5)).toMatchObject({ kind: "unreachable", at: 5, isTransient: true });
    expect(notApplied(error).kind).toBe("later");
  });

  it.each([
    [answered("AccessDenied"), "denied"],
    [answered("ExpiredToken"), "denied"],
    [answered("LimitExceeded"), "quota"],
    [answered("TooManyTargetGroups"), "quota"],
    [answered("ValidationError"), "refused"],
    [answered("SomethingNew"), "refused"],
    [new Error("Anything"), "refused"],
  ])("is for somebody to mend: %s", (error, kind) => {
    expect(failureOf(error).kind).toBe(kind);
    expect(unreachable(error, 5).isTransient).toBe(false);
    expect(notApplied(error).kind).toBe("refused");
  });

  it("is told in sentences where there is something to do", () => {
    const { message, next } = failureOf(answered("AccessDenied", "no policy allows the ec2:RunInstances action", 403));
    expect(`${message} ${next}`).toMatch(/ allows the ec2:RunInstances action\. Check the credentials /);
  });

  it("is told in AWS's words, with its code", () => {
    expect(notApplied(answered("ValidationError", "Max bound, 1, must not be less than 2."))).toEqual({
      kind: "refused",
      code: "ValidationError",
      message: "ValidationError: Max bound, 1, must not be less than 2.",
      next: undefined,
    });
    expect(failureOf(failed("ECONNREFUSED"))).toMatchObject({
      code: "ECONNREFUSED",
      message: "The region does not answer (ECONNREFUSED): connect ECONNREFUSED 127.0.0.1:1",
    });
  });

  it("is told in our own words where it is our own", () => {
    const error = new TrysailError("no-forward", "It does not forward.", { fault: "user", next: "Let it." });
    expect(notApplied(error)).toEqual({
      kind: "refused",
      code: "no-forward",
      message: "It does not forward.",
      next: "Let it.",
    });
  });

  it.each([
    [
      "User: arn:aws:sts::123456789012:assumed-role/worker/w is not authorized to perform: autoscaling:CreateAutoScalingGroup on resource: arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*:autoScalingGroupName/playback-v001 because no identity-based policy allows the autoscaling:CreateAutoScalingGroup action",
      '{"Effect":"Allow","Action":"autoscaling:CreateAutoScalingGroup","Resource":"arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*:autoScalingGroupName/playback-v001"}',
    ],
    [
      "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/w is not authorized to perform: ec2:CreateLaunchTemplateVersion on resource: arn:aws:ec2:us-east-1:123456789012:launch-template/lt-1 because no identity-based policy allows it. Encoded authorization failure message: abcdef",
      '{"Effect":"Allow","Action":"ec2:CreateLaunchTemplateVersion","Resource":"arn:aws:ec2:us-east-1:123456789012:launch-template/lt-1"}',
    ],
    [
      "User: arn:aws:iam::123456789012:user/w is not authorized to perform: cloudwatch:DescribeAlarms because no identity-based policy allows it",
      '{"Effect":"Allow","Action":"cloudwatch:DescribeAlarms","Resource":"*"}',
    ],
  ])("for want of a permission names the statement to add: %s", (message, statement) => {
    const { next, message: told } = failureOf(answered("AccessDenied", message, 403));
    expect(next).toBe(`Add to the policy of who makes the calls: ${statement}`);
    expect(told).not.toContain("Encoded");
  });
});
