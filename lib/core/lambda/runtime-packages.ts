import type { TargetPlatform } from './target';

/**
 * The packages of Lambda's runtimes: boto3 and its requirements, and the package for SnapStart.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
 */
export function broughtByRuntime({ minor }: TargetPlatform): string[] {
  const packages = ['boto3', 'botocore', 'jmespath', 'python-dateutil', 's3transfer', 'six', 'urllib3'];
  return minor >= 12 ? [...packages, 'snapshot-restore-py'] : packages;
}
