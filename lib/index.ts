export { PipSourceArtifact, PipSourceArtifactProps } from './pip-source-artifact';
