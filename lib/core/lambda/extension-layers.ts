/** A layer of AWS, whose content is known by its name. */
interface KnownLayer {
  readonly name: RegExp;
  /** The Python packages that it brings, normalised; `*` stands for any end. Their versions follow the layer's and are unknown. */
  readonly brings: readonly string[];
}

// these are programs that run beside a function: they bring no package that it could import
const NO_PYTHON: readonly RegExp[] = [
  /^LambdaInsightsExtension(-Arm64)?$/, // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-extension-versions.html
  /^AWS-Parameters-and-Secrets-Lambda-Extension(-Arm64)?$/, // https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
  /^AWS-AppConfig-Extension(-Arm64)?$/, // https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-integration-lambda-extensions.html
  /^aws-otel-(collector|nodejs|java|dotnet)-/, // https://aws-otel.github.io/docs/getting-started/lambda
];

const KNOWN: readonly KnownLayer[] = [
  ...NO_PYTHON.map((name) => ({ name, brings: [] })),
  {
    // all extras, without what the runtime brings. As of version 3.37, see layer_v3/docker of its repository
    name: /^AWSLambdaPowertoolsPython/, // https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/
    brings: [
      'aws-lambda-powertools', 'annotated-types', 'attrs', 'aws-encryption-sdk', 'aws-xray-sdk', 'cffi', 'cryptography', 'fastjsonschema',
      'jsonpath-ng', 'ply', 'pycparser', 'pydantic', 'pydantic-core', 'pydantic-settings', 'pyjwt', 'python-dotenv', 'redis',
      'typing-extensions', 'typing-inspection', 'wrapt',
    ],
  },
  {
    // the requirements of aws-opentelemetry-distro 0.21, and those of opentelemetry-distro before
    name: /^(aws-otel-python-|AWSOpenTelemetryDistroPython$)/, // https://aws-otel.github.io/docs/getting-started/lambda/lambda-python
    brings: [
      'aws-opentelemetry-distro', 'opentelemetry-*', 'asgiref', 'backoff', 'cachetools', 'certifi', 'charset-normalizer', 'deprecated',
      'googleapis-common-protos', 'grpcio', 'idna', 'importlib-metadata', 'packaging', 'protobuf', 'psutil', 'pyyaml', 'requests',
      'setuptools', 'typing-extensions', 'wrapt', 'zipp',
    ],
  },
];

/**
 * A function that tells whether a layer of AWS brings a Python package; `undefined` if the layer is unknown.
 *
 * @param arn of the layer's version; parts of it may be unknown, such as the region, but not its name
 */
export function broughtByLayer(arn: string): ((name: string) => boolean) | undefined {
  const layer = /:layer:([\w-]+)/.exec(arn)?.[1];
  const known = layer === undefined ? undefined : KNOWN.find(({ name }) => name.test(layer));
  return known && ((name) => known.brings.some((item) => item.endsWith('*') ? name.startsWith(item.slice(0, -1)) : item === name));
}
