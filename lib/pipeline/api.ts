/**
 * `cdk-pip-source-artifact/pipeline`: the "Build Lambda Source Guide" without the CDK. Its stages are those of the construct, with the same
 * rules and the same bytes, one by one or all in one.
 */
export { ArtifactError, type FailedProcess, type Trouble } from '../core/base/error';
export type { Reference, TroubleCode } from '../core/base/references';
export { initializeProject } from './functions/project/init';
export { buildSourceArtifactsUsingPip } from './functions/build';
export { verifyReproducibleBuild } from './functions/verify-build';
export { createLayerZip } from './functions/layer';
export { createSbom } from './functions/sbom';
export { createSourceZip, readSourceZip } from './functions/package';
export { SourceS3Layout } from './functions/layout';
export { uploadSourceArtifacts } from './functions/upload';
export { buildPackageUploadSourceArtifacts } from './functions/release';
export { describeSourceVersion, listSourceVersions } from './functions/catalog';
export { downloadSourceArtifact } from './functions/download';
export { verifySourceArtifact } from './functions/verify-published';
export { promoteSourceArtifact } from './functions/promote';
export { diffSourceVersions } from './functions/published/diff';
export { pruneSourceVersions } from './functions/published/prune';
export type { RunOptions } from './model/run';
export type { InitializedProject, InitializeProjectOptions } from './model/init';
export type { BuildOptions, BuildSourceOptions, BuiltSource } from './model/build';
export type { CreateSourceZipOptions, ReadSourceZipOptions, SourceZip, ZipBytecode } from './model/package';
export type { CreateLayerZipOptions, LayerOfProjectOptions, LayerZip } from './model/layer';
export type { CreateSbomOptions, Sbom } from './model/sbom';
export type { S3ClientLike } from './model/publish';
export type { S3Place, SourceS3LayoutOptions, PublishedSource, PublishOptions, UploadSourceOptions } from './model/publish';
export type { BuildPackageUploadOptions, BuildSourceArtifactsResult } from './model/publish';
export type {
  CatalogOptions, DescribedSourceVersion, ListSourceVersionsOptions, SourceVersion, SourceVersionOptions,
} from './model/catalog';
export type { DownloadedSource, DownloadSourceOptions } from './model/catalog';
export type { PromotedSource, PromoteSourceOptions } from './model/promote';
export type { SourceFileDifference, VerifiedBuild, VerifyBuildOptions, VerifiedSource, VerifySourceOptions } from './model/verify';
export type { DiffedProject, DiffSourceOptions, SourceDiff, SourceFileDiff } from './model/diff';
export type { AwsClientLike, PrunedSourceVersion, PruneSourceOptions } from './model/prune';
