/** Types whose values are ids of things in the account. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html */
const suppliedTypes = [
  "AWS::EC2::AvailabilityZone::Name",
  "AWS::EC2::Image::Id",
  "AWS::EC2::Instance::Id",
  "AWS::EC2::KeyPair::KeyName",
  "AWS::EC2::SecurityGroup::GroupName",
  "AWS::EC2::SecurityGroup::Id",
  "AWS::EC2::Subnet::Id",
  "AWS::EC2::VPC::Id",
  "AWS::EC2::Volume::Id",
  "AWS::Route53::HostedZone::Id",
];

const plainTypes = [
  "String",
  "Number",
  "List<Number>",
  "List<String>",
  "CommaDelimitedList",
  "AWS::SSM::Parameter::Name",
];

/** The type of what a parameter in Parameter Store holds, for `AWS::SSM::Parameter::Value<…>`; undefined for other types. */
export function storedType(type: string): string | undefined {
  return /^AWS::SSM::Parameter::Value<(.+)>$/.exec(type)?.[1];
}

export function isParameterType(type: string): boolean {
  const stored = storedType(type);
  if (stored !== undefined) return stored !== "Number" && isParameterType(stored);
  return plainTypes.includes(type) || suppliedTypes.includes(type.replace(/^List<(.+)>$/, "$1"));
}

/** Whether a parameter's value is a list; for a type of Parameter Store, whether what is stored is. */
export function isListType(type: string): boolean {
  const own = storedType(type) ?? type;
  return own === "CommaDelimitedList" || own.startsWith("List<");
}

export function isNumberType(type: string): boolean {
  return type === "Number" || type === "List<Number>";
}
