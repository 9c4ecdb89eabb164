import { describe, expect, test } from 'vitest';
import { ArtifactError } from '../../../lib/core/base/error';
import type { LayerPackage } from '../../../lib/core/cache/records';
import { checkContract, describeUnknown, type Contract, type CheckId, type ContractLayer, type OtherLayer } from '../../../lib/core/contract/contract';

const MIB = 1024 * 1024;

// Requires-Dist as it is on PyPI
const HTTPX: readonly string[] = [
  'anyio', 'certifi', 'httpcore==1.*', 'idna', 'brotli; (platform_python_implementation == \'CPython\') and extra == \'brotli\'',
  'brotlicffi; (platform_python_implementation != \'CPython\') and extra == \'brotli\'', 'h2<5,>=3; extra == \'http2\'', 'zstandard>=0.18.0; extra == \'zstd\'',
];
const ANYIO: readonly string[] = ['exceptiongroup>=1.0.2; python_version < "3.11"', 'idna>=2.8', 'typing_extensions>=4.5; python_version < "3.13"', 'trio>=0.31.0; extra == "trio"'];

const packages = [
  aPackage('httpx', '0.28.1', HTTPX), aPackage('anyio', '4.9.0', ANYIO), aPackage('httpcore', '1.0.9', ['certifi', 'h11>=0.16', 'h2<5,>=3; extra == \'http2\'']),
  aPackage('certifi', '2025.4.26'), aPackage('idna', '3.10'), aPackage('h11', '0.16.0'),
];

function aPackage(name: string, version: string, requires: readonly string[] = [], size = MIB): LayerPackage {
  return { name, version, requires, size };
}

function layer(props: Partial<ContractLayer> = {}): ContractLayer {
  return { where: 'App/Dependencies', runtimes: ['python3.13'], architectures: ['arm64'], packages, excluded: [], unzippedSize: 6 * MIB, ...props };
}

const FOREIGN: OtherLayer = { arn: 'arn:aws:lambda:eu-west-1:123456789012:layer:some:1' };

function contract(props: Partial<Contract> = {}): Contract {
  return {
    name: 'my-lambda-app',
    version: '0.1.1',
    requires: ['httpx>=0.27'],
    requiresPython: '>=3.11',
    unzippedSize: MIB,
    runtime: 'python3.13',
    architecture: 'arm64',
    layers: [layer()],
    ...props,
  };
}

function without(...names: string[]): ContractLayer {
  return layer({ packages: packages.filter(({ name }) => !names.includes(name)) });
}

function withPackage(name: string, version: string, requires: readonly string[] = []): ContractLayer {
  return layer({ where: 'App/More', packages: [aPackage(name, version, requires)] });
}

function messages(props: Partial<Contract>, ...skip: CheckId[]): string[] {
  return checkContract(contract(props), new Set(skip)).map((trouble) => new ArtifactError(trouble).message);
}

const EXTENSIONS = ['LambdaInsightsExtension:38', 'AWS-Parameters-and-Secrets-Lambda-Extension-Arm64:4', 'AWS-AppConfig-Extension:1'];

function awsLayer(name: string): OtherLayer {
  return { arn: `arn:aws:lambda:*:580247275435:layer:${name}` };
}

test('all is well', () => {
  expect(checkContract(contract())).toEqual([]);
});

describe('requirements', () => {
  test.each<[string, Partial<Contract>]>([
    ['markers', { requires: ['httpx', 'tzdata; sys_platform == "win32"', 'tomli; python_version < "3.11"', 'numpy; platform_machine == "x86_64"', 'pytest; extra == "dev"'] }],
    ['extras', { requires: ['httpx[brotli]'], layers: [layer(), withPackage('brotli', '1.1.0')] }],
    ['an extra that is not there', { requires: ['httpx[no-such]'] }],
    ['names', { requires: ['HTTPX', 'H11', 'typing.extensions'], layers: [layer(), withPackage('typing-extensions', '4.13.2')] }],
    ['versions', { requires: ['httpx~=0.27', 'httpcore==1.*', 'anyio (>=4,<5)'] }],
    ['an installed pre-release', { requires: ['pandas>=2'], layers: [withPackage('pandas', '3.0.0rc1')] }],
    ['a URL', { requires: ['httpx @ https://example.org/httpx-0.28.1-py3-none-any.whl'] }],
    ['what is behind was resolved', { layers: [without('httpcore'), withPackage('httpcore', '2.0')] }],
    ['several layers', { layers: [without('anyio'), withPackage('anyio', '4.9.0', ANYIO)] }],
    ['the runtime\'s own', { requires: ['boto3>=99', 'botocore', 's3transfer', 'jmespath', 'python_dateutil', 'six', 'urllib3<1', 'snapshot-restore-py', 'boto3[crt]'] }],
    ['what the runtime brings for a package', { requires: ['s3fs'], layers: [withPackage('s3fs', '1', ['boto3', 'urllib3>=2'])] }],
    ['excluded', { requires: ['numpy>=2', 'httpx'], layers: [{ ...without('certifi'), excluded: ['NumPy', 'certifi'] }] }],
    ['extras of its own', { requires: ['httpx', 'my_lambda_app[fast]; extra == "all"', 'orjson; extra == "fast"'], extras: ['All'], layers: [layer(), withPackage('orjson', '3.10')] }],
    ['circles', { requires: ['a[x]'], layers: [withPackage('a', '1', ['b', 'b[y]; extra == "x"']), withPackage('b', '1', ['a', 'a[x]; extra == "y"'])] }],
    ['lines that no standard knows', { requires: ['httpx', '-e .'], layers: [layer({ packages: [...packages, aPackage('old', '1', ['x>dev', 'y; os_name ~= "x"'])] })] }],
    ['perhaps in a layer from elsewhere', { requires: ['numpy', 'httpx'], layers: [FOREIGN, layer()] }],
    ['in a layer of AWS that is known', { requires: ['aws_lambda_powertools>=3', 'pydantic', 'opentelemetry-sdk', 'httpx'], layers: [awsLayer('AWSLambdaPowertoolsPythonV3-python313-arm64:4'), layer(), awsLayer('aws-otel-python-arm64-ver-1-29-0:1')] }],
    ['another runtime', { requires: ['numpy'], runtime: 'provided.al2023' }],
    ['a runtime that is not known yet', { requires: ['numpy'], runtime: 'python3.99', requiresPython: undefined, layers: [layer({ runtimes: [] })] }],
    ['a token', { requires: ['numpy'], runtime: '${Token[TOKEN.1]}', architecture: '${Token[TOKEN.2]}' }],
  ])('are met: %s', (_, props) => {
    expect(checkContract(contract(props))).toEqual([]);
  });

  test.each<[string, Partial<Contract>, got: string[], lines: string[]]>([
    ['no layer', { layers: [] }, ['httpx>=0.27'], ['my-lambda-app 0.1.1 requires httpx>=0.27: in no layer']],
    ['a missing one', { requires: ['httpx', 'Num_Py>=2 ; python_version >= "3.12"'] }, ['num-py>=2'], ['my-lambda-app 0.1.1 requires num-py>=2: in no layer']],
    ['a wrong version', { requires: ['httpx<0.28', 'anyio>=4'] }, ['httpx<0.28'], ['my-lambda-app 0.1.1 requires httpx<0.28: 0.28.1 is in App/Dependencies']],
    ['a wrong version, beside a layer from elsewhere', { requires: ['httpx<0.28', 'numpy'], layers: [layer(), FOREIGN] }, ['httpx<0.28'], ['my-lambda-app 0.1.1 requires httpx<0.28: 0.28.1 is in App/Dependencies']],
    ['a missing one, beside layers of AWS without it', { requires: ['httpx', 'numpy'], layers: [...EXTENSIONS.map(awsLayer), layer()] }, ['numpy'], ['my-lambda-app 0.1.1 requires numpy: in no layer']],
    ['a missing one, beside Powertools', { requires: ['httpx', 'numpy'], layers: [awsLayer('AWSLambdaPowertoolsPythonV3-python313-arm64:4'), layer()] }, ['numpy'], ['my-lambda-app 0.1.1 requires numpy: in no layer']],
    ['the runtime\'s own, but another in a layer', { requires: ['boto3>=1.40'], layers: [withPackage('boto3', '1.26.0', ['botocore<1.30.0,>=1.29.0'])] }, ['boto3>=1.40'], ['my-lambda-app 0.1.1 requires boto3>=1.40: 1.26.0 is in App/More']],
    ['not of every runtime', { requires: ['snapshot-restore-py'], runtime: 'python3.11', layers: [layer({ runtimes: [] })] }, ['snapshot-restore-py'], ['my-lambda-app 0.1.1 requires snapshot-restore-py: in no layer']],
    ['markers', { runtime: 'python3.12', architecture: 'x86_64', requires: ['anyio', 'numpy; platform_machine == "x86_64"'], layers: [layer({ runtimes: [], architectures: [] })] }, ['numpy', 'typing-extensions>=4.5'],
      ['my-lambda-app 0.1.1 requires numpy: in no layer', 'anyio 4.9.0 requires typing-extensions>=4.5: in no layer']],
    ['behind', { layers: [without('anyio', 'idna')] }, ['anyio', 'idna'], ['httpx 0.28.1 requires anyio: in no layer', 'httpx 0.28.1 requires idna: in no layer']],
    ['for several', { requires: ['httpx', 'requests'], layers: [without('certifi'), withPackage('requests', '2.32.3', ['certifi>=2017.4.17'])] }, ['certifi', 'certifi>=2017.4.17'],
      ['httpx 0.28.1 requires certifi: in no layer', 'requests 2.32.3 requires certifi>=2017.4.17: in no layer', 'httpcore 1.0.9 requires certifi: in no layer']],
    ['extras', { requires: ['httpx[brotli,http2]>=0.27'] }, ['brotli', 'h2<5,>=3'], ['httpx[brotli] 0.28.1 requires brotli: in no layer', 'httpx[http2] 0.28.1 requires h2<5,>=3: in no layer']],
    ['a wrong version through an extra', { requires: ['httpx[http2]'], layers: [layer(), withPackage('h2', '2.0')] }, ['h2<5,>=3'], ['httpx[http2] 0.28.1 requires h2<5,>=3: 2.0 is in App/More']],
    ['extras of its own', { requires: ['my-lambda-app[fast]; extra == "all"', 'orjson<3; extra == "fast"'], extras: ['All'], layers: [withPackage('orjson', '3.10')] }, ['orjson<3'], ['my-lambda-app[fast] 0.1.1 requires orjson<3: 3.10 is in App/More']],
    ['a URL', { requires: ['my.tool[x] @ https://example.org/my_tool-1-py3-none-any.whl'] }, ['my-tool[x] @ https://example.org/my_tool-1-py3-none-any.whl'],
      ['my-lambda-app 0.1.1 requires my-tool[x] @ https://example.org/my_tool-1-py3-none-any.whl: in no layer']],
  ])('fails: %s', (_, props, got, lines) => {
    expect(messages(props)).toEqual([`the function's layers lack requirements of my-lambda-app 0.1.1, got ${JSON.stringify(got)}; add them to the lock file of the layer, or give the function the layer that has them

hint: what requires them, and what is there:
${lines.map((line) => `  ${line}\n`).join('')}skipChecks: [ContractCheck.REQUIREMENTS] turns this check off

[requirements-unmet]`]);
    expect(messages(props, 'requirements')).toEqual([]);
  });
});

describe('layers from elsewhere', () => {
  test('tells what could not be checked, and nothing if all could', () => {
    expect(describeUnknown(contract({ requires: ['numpy>=2', 'httpx'], layers: [FOREIGN, without('anyio')] })))
      .toBe('What is in arn:aws:lambda:eu-west-1:123456789012:layer:some:1 is not known here, so it was not checked that numpy>=2, anyio is there, which my-lambda-app requires');
    expect(describeUnknown(contract({ requires: ['numpy'], layers: [FOREIGN] }), new Set(['requirements']))).toBeUndefined();
    expect(describeUnknown(contract({ layers: [FOREIGN, layer()] }))).toBeUndefined();
    expect(describeUnknown(contract({ requires: ['numpy'], layers: [awsLayer('LambdaInsightsExtension:38')] }))).toBeUndefined();
  });
});

describe('overlap', () => {
  const other = layer({ where: 'App/More', packages: [aPackage('httpx', '0.20.0'), aPackage('idna', '3.10.0'), aPackage('certifi', '2025.4.26')] });

  test('the same versions are twice the same', () => {
    expect(messages({ layers: [layer(), layer({ where: 'App/More', packages: packages.slice(2) }), FOREIGN] })).toEqual([]);
  });

  test.each([[[other, layer()]], [[layer(), FOREIGN, other]]])('fails: one package in two versions', (layers) => {
    expect(messages({ requires: [], layers })).toEqual([
      `layers of the function have different versions of a package, and Lambda merges them file by file, got ${JSON.stringify(layers[0] === other ? ['httpx 0.20.0 in App/More', 'httpx 0.28.1 in App/Dependencies'] : ['httpx 0.28.1 in App/Dependencies', 'httpx 0.20.0 in App/More'])}; make the layers from one lock file, or exclude the package from one of them

hint: skipChecks: [ContractCheck.LAYER_OVERLAP] turns this check off

[layer-overlap]`,
    ]);
    expect(messages({ requires: [], layers }, 'layer-overlap')).toEqual([]);
  });
});

describe('runtime and architecture', () => {
  test('fails: another than the layer\'s', () => {
    const props = { requires: [], runtime: 'python3.12', architecture: 'x86_64', layers: [layer(), FOREIGN, layer({ where: 'App/More', runtimes: ['python3.11', 'python3.13'], architectures: [] })] };
    expect(messages(props)).toEqual([
      `the function runs on python3.12, but the layer App/Dependencies does not, got ["python3.13"]; set the same runtime for both

hint: skipChecks: [ContractCheck.RUNTIME] turns this check off

[runtime-mismatch]`,
      `the function runs on python3.12, but the layer App/More does not, got ["python3.11","python3.13"]; set the same runtime for both

hint: skipChecks: [ContractCheck.RUNTIME] turns this check off

[runtime-mismatch]`,
      `the function runs on x86_64, but the layer App/Dependencies does not, got ["arm64"]; set the same architecture for both

hint: skipChecks: [ContractCheck.ARCHITECTURE] turns this check off

[architecture-mismatch]`,
    ]);
    expect(messages(props, 'runtime', 'architecture')).toEqual([]);
  });
});

describe('requires-python', () => {
  test.each<[runtime: string, requiresPython: string | undefined]>([
    ['python3.13', undefined], ['python3.13', ''], ['python3.13', '>=3.13.2'], ['python3.13', '>=3.9,<4'], ['python3.13', '==3.13.*'], ['python3.13', '!=3.13.0,!=3.13.1'],
    ['python3.9', '<3.10'], ['python3.10', '>=3.9'], ['python3.13', '~=3.12'], ['python3.13', '>=3.6.*'], ['nodejs22.x', '>=3.14'], ['${Token[TOKEN.1]}', '>=3.14'],
  ])('%s fits %s', (runtime, requiresPython) => {
    expect(messages({ runtime, requiresPython }, 'runtime', 'requirements')).toEqual([]);
  });

  test.each<[runtime: string, requiresPython: string]>([
    ['python3.13', '>=3.14'], ['python3.13', '<3.13'], ['python3.13', '~=3.12.1'], ['python3.9', '>=3.10'], ['python3.13', '!=3.13.*'], ['python3.14', '>=3.9, <3.14'],
  ])('fails: %s and %s', (runtime, requiresPython) => {
    expect(messages({ runtime, requiresPython }, 'runtime', 'requirements')).toEqual([
      `my-lambda-app 0.1.1 does not run on the function's runtime, ${runtime}, got "${requiresPython}"; set another runtime, or change requires-python in pyproject.toml

hint: skipChecks: [ContractCheck.REQUIRES_PYTHON] turns this check off

[requires-python-mismatch]`,
    ]);
    expect(messages({ runtime, requiresPython }, 'runtime', 'requirements', 'requires-python')).toEqual([]);
  });
});

describe('size', () => {
  const large = layer({ unzippedSize: 150 * MIB, packages: [...packages, aPackage('numpy', '2.2.5', [], 60.25 * MIB), aPackage('pandas', '2.2.3', [], 80 * MIB)] });
  const more = layer({ where: 'App/More', unzippedSize: 99 * MIB, packages: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, i) => aPackage(name, '1', [], (20 - i) * MIB)) });

  test('fills Lambda\'s quota', () => {
    expect(messages({ layers: [large, more] })).toEqual([]);
  });

  test('fails: over it, be there a foreign layer or not', () => {
    const message = `the function and its layers are larger than Lambda's 250.0 MiB unzipped, got "252.0 MiB"; exclude packages from the layers that the function does not need, or make two functions of it

hint: the largest packages:
  pandas 2.2.3: 80.0 MiB in App/Dependencies
  numpy 2.2.5: 60.3 MiB in App/Dependencies
  a 1: 20.0 MiB in App/More
  b 1: 19.0 MiB in App/More
  c 1: 18.0 MiB in App/More
  d 1: 17.0 MiB in App/More
  e 1: 16.0 MiB in App/More
  f 1: 15.0 MiB in App/More
  g 1: 14.0 MiB in App/More
  h 1: 13.0 MiB in App/More
skipChecks: [ContractCheck.SIZE] turns this check off

[function-too-large]`;
    expect(messages({ layers: [large, more], unzippedSize: 3 * MIB })).toEqual([message]);
    expect(messages({ layers: [large, FOREIGN, more], unzippedSize: 3 * MIB })).toEqual([message]);
    expect(messages({ layers: [large, more], unzippedSize: 3 * MIB }, 'size')).toEqual([]);
  });

  test('counts with bytecode; what would fit without is told with both sizes, and the way out', () => {
    const bytecode = { size: 2 * MIB };
    const compiled = { ...large, bytecodeSize: 40 * MIB };
    expect(messages({ layers: [compiled], bytecode })).toEqual([]);
    const message = `the function and its layers are larger than Lambda's 250.0 MiB unzipped, with their bytecode, got "292.0 MiB"; set bytecode of a layer to none, or exclude packages from the layers: without bytecode, all has 250.0 MiB

hint: skipChecks: [ContractCheck.SIZE] turns this check off

[function-too-large]`;
    expect(messages({ layers: [compiled, more], bytecode })).toEqual([message]);
    expect(messages({ layers: [compiled, more], bytecode }, 'size')).toEqual([]);
    // too large without it too: then it is the packages that count
    expect(messages({ layers: [compiled, more], bytecode, unzippedSize: 3 * MIB })).toEqual([expect.stringContaining('unzipped, got "252.0 MiB"; exclude packages')]);
  });

  test('fails: the source artifact is one of the packages', () => {
    expect(messages({ unzippedSize: 249 * MIB, layers: [without('httpcore', 'anyio', 'httpx', 'h11')], requires: [] })).toEqual([
      `the function and its layers are larger than Lambda's 250.0 MiB unzipped, got "255.0 MiB"; exclude packages from the layers that the function does not need, or make two functions of it

hint: the largest packages:
  my-lambda-app 0.1.1: 249.0 MiB in the source artifact
  certifi 2025.4.26: 1.0 MiB in App/Dependencies
  idna 3.10: 1.0 MiB in App/Dependencies
skipChecks: [ContractCheck.SIZE] turns this check off

[function-too-large]`,
    ]);
  });
});

describe('layer count', () => {
  test('five', () => {
    expect(messages({ layers: [layer(), FOREIGN, FOREIGN, FOREIGN, FOREIGN] })).toEqual([]);
  });

  test('fails: six, foreign ones too', () => {
    const layers = [layer(), FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN];
    expect(messages({ layers })).toEqual([`a function takes at most 5 layers, got 6; build one layer of several

hint: skipChecks: [ContractCheck.LAYER_COUNT] turns this check off

[layer-count]`]);
    expect(messages({ layers }, 'layer-count')).toEqual([]);
  });
});

test('all that is wrong, at once', () => {
  const troubles = checkContract(contract({ requires: ['numpy'], runtime: 'python3.10', architecture: 'x86_64', unzippedSize: 250 * MIB, layers: Array.from({ length: 6 }, () => layer()) }));
  expect(troubles).toHaveLength(16);
  expect([...new Set(troubles.map(({ reference }) => reference))]).toEqual([
    'requirements-unmet', 'runtime-mismatch', 'architecture-mismatch', 'requires-python-mismatch', 'function-too-large', 'layer-count',
  ]);
  expect([...new Set(troubles.map(({ hint }) => hint!.split('\n').pop()))].map((hint) => /\.(\w+)/.exec(hint!)![1])).toEqual([
    'REQUIREMENTS', 'RUNTIME', 'ARCHITECTURE', 'REQUIRES_PYTHON', 'SIZE', 'LAYER_COUNT',
  ]);
});

test('what the lock was told: overridden, excluded and virtual packages, and other metadata of a package', () => {
  const requires = ['certifi<2000', 'not-there', 'httpx'];
  expect(messages({ requires }, 'size')).toHaveLength(1);
  expect(messages({ requires, layers: [layer({ exempt: ['certifi', 'not-there'] })] })).toEqual([]);
  const lacking = { ...without('h11') };
  expect(messages({ layers: [lacking] })).toHaveLength(1);
  expect(messages({ layers: [{ ...lacking, redefined: ['httpcore'] }] })).toEqual([]);
});
