import type { ResourceType } from "../../../kernel/resource.ts";
import { accessKey } from "./access-key.ts";
import { group, userToGroupAddition } from "./group.ts";
import { groupPolicy, policy, rolePolicy, userPolicy } from "./inline-policy.ts";
import { instanceProfile } from "./instance-profile.ts";
import { managedPolicy } from "./managed-policy.ts";
import { role } from "./role.ts";
import { serverCertificate } from "./server-certificate.ts";
import { serviceLinkedRole } from "./service-linked-role.ts";
import { user } from "./user.ts";

export const resources: Readonly<Record<string, ResourceType>> = {
  "AWS::IAM::AccessKey": accessKey,
  "AWS::IAM::Group": group,
  "AWS::IAM::GroupPolicy": groupPolicy,
  "AWS::IAM::InstanceProfile": instanceProfile,
  "AWS::IAM::ManagedPolicy": managedPolicy,
  "AWS::IAM::Policy": policy,
  "AWS::IAM::Role": role,
  "AWS::IAM::RolePolicy": rolePolicy,
  "AWS::IAM::ServerCertificate": serverCertificate,
  "AWS::IAM::ServiceLinkedRole": serviceLinkedRole,
  "AWS::IAM::User": user,
  "AWS::IAM::UserPolicy": userPolicy,
  "AWS::IAM::UserToGroupAddition": userToGroupAddition,
};
