import {
  CfnCustomActionType,
  Action,
  ActionCategory,
  type ActionBindOptions,
  type ActionConfig,
  type ActionProperties,
  type Artifact,
  type IStage,
} from "aws-cdk-lib/aws-codepipeline";
import { ParameterTier, StringParameter } from "aws-cdk-lib/aws-ssm";
import { checkRollout, mistakeText, type RolloutDocument } from "@trysail/delivery/spec";
import { Construct } from "constructs";

/** How workers know the action. */
const actionType = { category: ActionCategory.DEPLOY, provider: "Trysail", owner: "Custom", version: "1" } as const;

/** AWS's limits on a parameter's value, in bytes. */
const standardBytes = 4096;
const advancedBytes = 8192;

/** The custom action of CodePipeline that rolls out; one in each account and region that has such a pipeline. */
export class RolloutActionType extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const optional = (name: string, description: string) => ({
      name,
      description,
      key: false,
      required: false,
      secret: false,
    });
    new CfnCustomActionType(this, "Type", {
      category: actionType.category,
      provider: actionType.provider,
      version: actionType.version,
      inputArtifactDetails: { minimumCount: 1, maximumCount: 1 },
      outputArtifactDetails: { minimumCount: 0, maximumCount: 0 },
      configurationProperties: [
        {
          name: "SpecParameter",
          description: "The parameter that has the spec",
          key: true,
          required: true,
          secret: false,
        },
        optional("Version", "What the version is called; else the commit"),
        optional("Commit", "The commit that is rolled out"),
        optional("CommittedAt", "When it was committed, as ISO 8601"),
      ],
    });
  }
}

export interface RolloutActionProps {
  /** @defaultValue "Rollout" */
  readonly actionName?: string;
  readonly runOrder?: number;
  /** What is rolled out. */
  readonly input: Artifact;
  /** The same as a `rollout.yaml`. Its mistakes are told at synthesis. */
  readonly spec: RolloutDocument;
  /** A variable such as `source.variables.commitId`. @defaultValue versions are called by the pipeline's execution */
  readonly commit?: string;
  /** A variable such as `source.variables.authorDate`: where the lead time begins. */
  readonly committedAt?: string;
}

/** Takes a build's artifact to all regions, as a spec says. Workers of Trysail carry it out. */
export class RolloutAction extends Action {
  protected readonly providedActionProperties: ActionProperties;
  readonly #props: RolloutActionProps;

  /** @throws Error that tells each mistake of the spec, with its field and what is allowed */
  constructor(props: RolloutActionProps) {
    super();
    const { actionName = "Rollout", runOrder, input, spec } = props;
    const read = checkRollout(spec);
    if (!read.ok)
      throw new Error(
        `The spec of the action ${actionName} has mistakes:\n${read.mistakes.map((one) => `- ${mistakeText(one)}`).join("\n")}`,
      );
    this.#props = props;
    this.providedActionProperties = {
      ...actionType,
      actionName,
      ...(runOrder === undefined ? {} : { runOrder }),
      inputs: [input],
      artifactBounds: { minInputs: 1, maxInputs: 1, minOutputs: 0, maxOutputs: 0 },
    };
  }

  protected bound(scope: Construct, _stage: IStage, _options: ActionBindOptions): ActionConfig {
    const { spec, commit, committedAt } = this.#props;
    const stringValue = JSON.stringify(spec);
    const bytes = Buffer.byteLength(stringValue);
    if (bytes > advancedBytes) throw new Error(`The spec has ${bytes} bytes, and a parameter takes ${advancedBytes}.`);
    // A configuration's value may have 1,000 characters; a spec has more.
    const parameter = new StringParameter(scope, "Spec", {
      stringValue,
      tier: bytes > standardBytes ? ParameterTier.ADVANCED : ParameterTier.STANDARD,
    });
    return {
      configuration: {
        SpecParameter: parameter.parameterName,
        ...(commit === undefined ? {} : { Commit: commit }),
        ...(committedAt === undefined ? {} : { CommittedAt: committedAt }),
      },
    };
  }
}
