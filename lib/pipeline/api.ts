/**
 * `cdk-pip-source-artifact/pipeline`: the "Build Lambda Source Guide" without the CDK. The same stages as the construct's, with the same
 * rules and the same bytes, one by one or all in one.
 */
export { ArtifactError, type FailedProcess, type Trouble, type TroubleCode } from '../core/artifact-error';
export { buildSourceArtifactsUsingPip, type BuildOptions, type BuildSourceOptions, type BuiltSource } from './build-source';
export { verifyReproducibleBuild, type SourceFileDifference, type VerifiedBuild, type VerifyBuildOptions } from './build-verify';
export { createLayerZip, type CreateLayerZipOptions, type LayerZip } from './package-layer';
export { createSourceZip, readSourceZip, type CreateSourceZipOptions, type ReadSourceZipOptions, type SourceZip } from './package-source';
export type { S3ClientLike } from './publish-client';
export { SourceS3Layout, type S3Place, type SourceS3LayoutOptions } from './publish-layout';
export { uploadSourceArtifacts, type PublishedSource, type PublishOptions, type UploadSourceOptions } from './publish-source';
export { buildPackageUploadSourceArtifacts, type BuildPackageUploadOptions, type BuildSourceArtifactsResult } from './release-source';
export { describeSourceVersion, listSourceVersions, type CatalogOptions, type DescribedSourceVersion, type SourceVersion, type SourceVersionOptions } from './publish-catalog';
export { downloadSourceArtifact, type DownloadedSource, type DownloadSourceOptions } from './publish-download';
export { verifySourceArtifact, type VerifiedSource, type VerifySourceOptions } from './publish-verify';
export type { RunOptions } from './run';
