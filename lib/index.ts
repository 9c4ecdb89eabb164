export { Installer, PipSourceArtifact, PipSourceArtifactProps } from './pip-source-artifact';
