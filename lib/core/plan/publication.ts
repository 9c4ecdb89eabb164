import type { Labels } from './object-labels';

/** The properties of the custom resource: strings, as CloudFormation passes them. */
export interface PublicationProperties {
  readonly Bucket: string;
  readonly Key: string;
  readonly Version: string;
  readonly SourceSha256: string;
  readonly StagedBucket: string;
  readonly StagedKey: string;
  readonly StagedProvenanceKey: string;
  readonly Metadata?: Labels;
  readonly Tags?: Labels;
}
