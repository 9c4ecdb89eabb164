/**
 * `cdk-pip-source-artifact/pipeline`: the "Build Lambda Source Guide" without the CDK. The same stages as the construct's, with the same
 * rules and the same bytes, one by one or all in one.
 */
export { ArtifactError, type FailedProcess, type Trouble, type TroubleCode } from '../core/base/error';
export { buildSourceArtifactsUsingPip, type BuildOptions, type BuildSourceOptions, type BuiltSource } from './build';
export { verifyReproducibleBuild, type SourceFileDifference, type VerifiedBuild, type VerifyBuildOptions } from './verify-build';
export { createLayerZip, type CreateLayerZipOptions, type LayerZip } from './layer';
export { createSourceZip, readSourceZip, type CreateSourceZipOptions, type ReadSourceZipOptions, type SourceZip } from './package';
export type { S3ClientLike } from './client';
export { SourceS3Layout, type S3Place, type SourceS3LayoutOptions } from './layout';
export { uploadSourceArtifacts, type PublishedSource, type PublishOptions, type UploadSourceOptions } from './upload';
export { buildPackageUploadSourceArtifacts, type BuildPackageUploadOptions, type BuildSourceArtifactsResult } from './release';
export { describeSourceVersion, listSourceVersions, type CatalogOptions, type DescribedSourceVersion, type SourceVersion, type SourceVersionOptions } from './catalog';
export { downloadSourceArtifact, type DownloadedSource, type DownloadSourceOptions } from './download';
export { verifySourceArtifact, type VerifiedSource, type VerifySourceOptions } from './verify-published';
export type { RunOptions } from './run';
