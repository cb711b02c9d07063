import type { Json, JsonObject } from "./json.ts";

/** A template whose sections have been found to have the right form. */
export interface Template {
  readonly description: string | undefined;
  readonly metadata: Json | undefined;
  readonly transforms: readonly string[];
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  readonly mappings: Readonly<Record<string, Mapping>>;
  readonly conditions: Readonly<Record<string, Json>>;
  readonly rules: Readonly<Record<string, Rule>>;
  readonly resources: Readonly<Record<string, ResourceDefinition>>;
  readonly outputs: Readonly<Record<string, OutputDefinition>>;
}

export type Mapping = Readonly<Record<string, Readonly<Record<string, Json>>>>;

export interface ParameterDefinition {
  readonly type: string;
  readonly default: string | undefined;
  readonly description: string | undefined;
  readonly noEcho: boolean;
  readonly allowedValues: readonly string[] | undefined;
  readonly allowedPattern: string | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly minValue: number | undefined;
  readonly maxValue: number | undefined;
  readonly constraintDescription: string | undefined;
}

export interface Rule {
  readonly condition: Json | undefined;
  readonly assertions: readonly { readonly assert: Json; readonly description: string | undefined }[];
}

export interface ResourceDefinition {
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
  /** A policy's name, or a function that gives it. */
  readonly deletionPolicy: Json | undefined;
  readonly updateReplacePolicy: Json | undefined;
  readonly creationPolicy: Json | undefined;
  readonly updatePolicy: Json | undefined;
  readonly metadata: Json | undefined;
}

export interface OutputDefinition {
  readonly value: Json;
  readonly description: string | undefined;
  readonly condition: string | undefined;
  readonly exportName: Json | undefined;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const limits = {
  parameters: 200,
  mappings: 200,
  resources: 500,
  outputs: 200,
  bodyBytes: 51_200,
  urlBytes: 1_048_576,
};

export const pseudoParameters: readonly string[] = [
  "AWS::AccountId",
  "AWS::NoValue",
  "AWS::NotificationARNs",
  "AWS::Partition",
  "AWS::Region",
  "AWS::StackId",
  "AWS::StackName",
  "AWS::URLSuffix",
];

/** What may follow the removal of a resource. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html */
export const deletionPolicies = ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"] as const;
