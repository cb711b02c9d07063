import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const errors = errorTable({
  AddressLimitExceeded: 400,
  CannotDelete: 400,
  DefaultVpcAlreadyExists: 400,
  DependencyViolation: 400,
  DryRunOperation: 412,
  FlowLogAlreadyExists: 400,
  "Gateway.NotAttached": 400,
  IdempotentParameterMismatch: 400,
  IncorrectInstanceState: 400,
  IncorrectState: 400,
  InternetGatewayLimitExceeded: 400,
  InvalidAMIAttributeItemValue: 400,
  "InvalidAMIID.Malformed": 400,
  "InvalidAMIID.NotFound": 400,
  "InvalidAMIID.Unavailable": 400,
  "InvalidAMIName.Duplicate": 400,
  "InvalidAMIName.Malformed": 400,
  "InvalidAddress.NotFound": 400,
  "InvalidAllocationID.NotFound": 400,
  "InvalidAssociationID.NotFound": 400,
  InvalidAvailabilityZone: 400,
  "InvalidFlowLogId.NotFound": 400,
  "InvalidGroup.Duplicate": 400,
  "InvalidGroup.InUse": 400,
  "InvalidGroup.NotFound": 400,
  "InvalidGroupId.Malformed": 400,
  "InvalidIPAddress.InUse": 400,
  InvalidID: 400,
  InvalidInstanceAttributeValue: 400,
  "InvalidInstanceID.Malformed": 400,
  "InvalidInstanceID.NotFound": 400,
  InvalidInstanceType: 400,
  "InvalidInternetGatewayID.NotFound": 400,
  "InvalidKey.Format": 400,
  "InvalidKeyPair.Duplicate": 400,
  "InvalidKeyPair.NotFound": 400,
  "InvalidLaunchTemplateId.Malformed": 400,
  "InvalidLaunchTemplateId.NotFound": 400,
  "InvalidLaunchTemplateId.VersionNotFound": 400,
  "InvalidLaunchTemplateName.AlreadyExistsException": 400,
  "InvalidLaunchTemplateName.MalformedException": 400,
  "InvalidLaunchTemplateName.NotFoundException": 400,
  InvalidManifest: 400,
  "InvalidNetworkAclID.NotFound": 400,
  "InvalidNetworkInterfaceID.NotFound": 400,
  InvalidNextToken: 400,
  InvalidParameter: 400,
  InvalidParameterCombination: 400,
  InvalidParameterValue: 400,
  "InvalidPermission.Duplicate": 400,
  "InvalidPermission.NotFound": 400,
  "InvalidRoute.NotFound": 400,
  "InvalidRouteTableID.NotFound": 400,
  "InvalidSecurityGroupRuleId.NotFound": 400,
  InvalidServiceName: 400,
  "InvalidSnapshot.NotFound": 400,
  "InvalidSubnet.Conflict": 400,
  "InvalidSubnet.Range": 400,
  "InvalidSubnetID.NotFound": 400,
  "InvalidUserData.Malformed": 400,
  "InvalidVpc.Range": 400,
  "InvalidVpcEndpointId.NotFound": 400,
  "InvalidVpcID.NotFound": 400,
  MissingInput: 400,
  MissingParameter: 400,
  NatGatewayNotFound: 400,
  NoSuchAssociation: 400,
  OperationNotPermitted: 400,
  "Resource.AlreadyAssociated": 400,
  RouteAlreadyExists: 400,
  RouterAlreadyExists: 400,
  SsmAccessDenied: 400,
  SsmInvalidParameter: 400,
  TagLimitExceeded: 400,
  Unsupported: 400,
  UnsupportedOperation: 400,
  "InvalidVpnGatewayID.NotFound": 400,
  VPCIdNotSpecified: 400,
});

/** A value that an operation does not take, in AWS's words. */
export function invalidValue(value: unknown, parameter: string, why: string) {
  return errors.InvalidParameterValue(`Value (${String(value)}) for parameter ${parameter} is invalid. ${why}`);
}

/** @throws AwsError `MissingParameter`, as EC2 words it */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined || value === "")
    throw errors.MissingParameter(`The request must contain the parameter ${name}`);
  return value;
}

/** Refuses members that Trysail could only ignore. @throws AwsError `UnsupportedOperation` */
export function refuse<T extends object>(input: T, names: readonly (keyof T & string)[], why: string): void {
  const given = names.filter((name) => {
    const value = input[name];
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return false;
    return !(typeof value === "object" && value !== null && "Value" in value && value.Value === false);
  });
  if (given.length > 0) throw errors.UnsupportedOperation(`${given.join(", ")}: ${why}`);
}
