import { awscdk, javascript } from 'projen';
import { UpgradeDependenciesSchedule } from 'projen/lib/javascript';
import { ReleaseTrigger } from 'projen/lib/release';
import { addChecks, forgetCredentials, pinActions, releaseByChangelog, VERSION } from './.projen/github';
import { addDocuments, addLint } from './.projen/lint';

// The newest aws-cdk-lib that npm, PyPI, Maven Central and the Go proxy all have. Users may have any newer 2.x.
const CDK_FLOOR = '2.250.0';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-pip-source-artifact',
  description: 'Build a Python project with pip at synth time '
    + 'and publish it as an immutable, versioned, reproducible AWS Lambda source artifact',
  keywords: ['aws', 'cdk', 'lambda', 'python', 'pip', 'artifact', 'reproducible', 's3'],
  author: 'cdk-pip-source-artifact maintainers',
  authorAddress: 'maintainers@cdk-pip-source-artifact.example',
  // not git+https: the Python index refuses it
  repositoryUrl: 'https://github.com/cdk-pip-source-artifact/cdk-pip-source-artifact.git',
  homepage: 'https://github.com/cdk-pip-source-artifact/cdk-pip-source-artifact',
  license: 'Apache-2.0',
  packageManager: javascript.NodePackageManager.NPM,
  defaultReleaseBranch: 'main',
  stability: 'experimental',

  // .projenrc.ts is type-checked by the tsconfig below; projen's default is a visible folder projenrc/
  projenrcTs: true,
  projenrcTsOptions: { projenCodeDir: '.projen' },

  cdkVersion: CDK_FLOOR,
  constructsVersion: '10.6.0',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.3',
  minNodeVersion: '20.19.0',

  // sources and outputs side by side, as in aws-cdk itself
  srcdir: 'lib',
  libdir: 'lib',
  testdir: 'test',
  sampleCode: false,

  // --- GitHub: .projen/github.ts has the checks; a release is started by hand, and asks for approval
  githubOptions: { mergify: false, pullRequestLint: false },
  pullRequestTemplate: false,
  buildWorkflow: false,
  releaseTrigger: ReleaseTrigger.workflowDispatch(),
  releaseEnvironment: 'release',
  jsiiReleaseVersion: '0.2.1061', // of publib, which uploads
  npmTrustedPublishing: true,
  npmProvenance: true,
  depsUpgradeOptions: {
    cooldown: 7, // days: a package that was taken over is found out by then
    workflowOptions: { schedule: UpgradeDependenciesSchedule.WEEKLY },
  },

  tsconfig: {
    compilerOptions: {
      target: 'ES2023', lib: ['es2023'], module: 'node20', moduleResolution: javascript.TypeScriptModuleResolution.NODE16,
    },
  },

  // not isolated: index.ts re-exports types without `type`, as jsii wants it
  tsconfigDev: { compilerOptions: { isolatedModules: false }, exclude: ['node_modules', 'package'] },

  devDeps: [
    // in the app's own process, before it is known whether a build is needed; none has a dependency
    'smol-toml@^1.9.1', 'ignore@^7.0.16', '@renovatebot/pep440@^4.2.4',
    // in the other programs; all of these are bundled by esbuild into lib/bundled
    'archiver@^8', 'execa@^9', 'yauzl@^3.4.0', 'yocto-spinner@^1.2.2', 'diff@^9', 'esbuild@^0.28',
    '@aws-sdk/client-s3@^3', '@aws-sdk/client-lambda@^3', '@aws-sdk/client-cloudformation@^3',
    'commander@^14', // 15 wants Node 22
    '@cyclonedx/cyclonedx-library@^10.3.0',
    'yaml@^2.8', // reads the tags of CloudFormation, and has no dependency
    '@types/archiver@^8', '@types/yauzl@^3', '@types/node@^20',
    'vitest@^4.1.12', 'tsx', 'publint',
    'cdk-nag@^2.38.2', // 3 wants a newer aws-cdk-lib
    'markdownlint-cli2@^0.18', // newer ones want Node 22
    '@cloud-copilot/iam-simulate@^0.1', // AGPL: for tests alone, never bundled nor packed
    // npm's tag "latest" of the CDK CLI is an old version that refuses today's assemblies
    'aws-cdk@2.1148.1',
    // a dependency of aws-cdk-lib; otherwise npm may nest it there as "inBundle", which means not installed
    '@aws-cdk/cloud-assembly-schema@53.0.0',
  ],

  jest: false, // vitest: jest on Node 20 cannot load ESM-only packages from TypeScript
  eslintOptions: {
    dirs: ['lib', '.projenrc.ts'],
    devdirs: ['test', 'examples'],
    ignorePatterns: ['!.projen', '*.js', '*.mjs', '*.d.ts', 'node_modules/', '.ministack/', 'test/package/'],
  },

  publishToPypi: {
    distName: 'cdk-pip-source-artifact',
    module: 'cdk_pip_source_artifact',
    trustedPublishing: true,
    attestations: true,
  },
  publishToMaven: {
    javaPackage: 'io.github.cdkpipsourceartifact',
    mavenGroupId: 'io.github.cdk-pip-source-artifact',
    mavenArtifactId: 'cdk-pip-source-artifact',
    mavenServerId: 'central-ossrh',
  },
  publishToGo: { moduleName: 'github.com/cdk-pip-source-artifact/cdk-pip-source-artifact-go', githubUseSsh: true },
  publishToNuget: { dotNetNamespace: 'CdkPipSourceArtifact', packageId: 'CdkPipSourceArtifact', trustedPublishing: true },
});

// silences the end-of-life banner of the jsii tools on Node 20 (the value is the major version)
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');

// --- bundles of the programs that run outside of the user's app: the builder process and the Lambda function of the publication
const bundle = project.addTask('bundle', {
  description: 'Bundle the builder process, the publication handler, the pipeline and the command line',
  exec: 'node .scripts/bundle.mjs',
});
project.compileTask.prependSpawn(bundle); // both share code, so neither is made without the other
project.compileTask.exec('node .scripts/after-jsii.mjs');
// otherwise outputs of deleted sources would be packed
project.preCompileTask.exec('git clean -fdXq lib', { condition: 'git rev-parse --git-dir' });

// --- the rings: a folder of lib/core says where its code runs, and which others it may import
// in the app's own process: synchronous, without libraries that are ES modules only
const APP_RINGS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  pep: ['base'],
  lambda: ['base', 'pep'],
  project: ['base', 'pep', 'lambda'],
  lock: ['base', 'pep', 'lambda', 'project'],
  plan: ['base', 'pep', 'lambda', 'project', 'lock'],
  init: ['base', 'pep', 'lambda', 'project', 'lock'],
  cache: ['base', 'pep', 'lambda', 'project', 'lock', 'plan'],
  synth: ['base', 'pep', 'lambda', 'project', 'lock', 'plan', 'init', 'cache'],
  contract: ['base', 'pep', 'lambda', 'cache'],
};
const ALL_OF_APP = Object.keys(APP_RINGS);
// in the builder process, the command and the API, which start processes; and in the publishing function
const BUILDER_RINGS: Readonly<Record<string, readonly string[]>> = {
  process: ['base'],
  package: ['base', 'pep', 'process'],
  templates: ['base', 'lambda', 'project'],
  installer: [...ALL_OF_APP, 'process'],
  bytecode: [...ALL_OF_APP, 'process', 'package', 'installer'],
  build: [...ALL_OF_APP, 'process', 'package', 'installer', 'templates', 'bytecode'],
  layer: [...ALL_OF_APP, 'process', 'package', 'installer', 'templates', 'bytecode', 'build'],
  builder: [...ALL_OF_APP, 'process', 'package', 'installer', 'templates', 'bytecode', 'build', 'layer'],
  publish: ['base', 'pep', 'lambda', 'plan', 'package'],
};
const RINGS = Object.entries({ ...APP_RINGS, ...BUILDER_RINGS });

project.eslint!.addRules({
  'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
  'max-len': ['error', { code: 140, ignoreUrls: true, ignoreRegExpLiterals: true }],
  'no-console': 'error',
  'import/no-restricted-paths': ['error', {
    zones: [
      ...RINGS.map(([ring, others]) => ({
        target: `./lib/core/${ring}`,
        from: './lib',
        except: [ring, ...others].map((other) => `./core/${other}`),
        message: others.length === 0
          ? `${ring} imports no other ring: move what it needs down into ${ring}, or what needs it up.`
          : `${ring} may import ${others.join(', ')}: move what it needs into one of these, or what needs it up (.github/CONTRIBUTING.md).`,
      })),
      {
        target: ['./lib/*.ts', './lib/artifact', './lib/function', './lib/publication'],
        from: [...Object.keys(BUILDER_RINGS).map((ring) => `./lib/core/${ring}`), './lib/pipeline', './lib/cli'],
        message: 'Constructs import the rings that run in the app.',
      },
      {
        target: './lib/pipeline',
        from: './lib',
        except: ['./core', './pipeline'],
        message: 'The API does not know the constructs, nor the command.',
      },
      {
        target: './lib/cli',
        from: './lib',
        except: ['./core', './pipeline', './cli'],
        message: 'The command does not know the constructs.',
      },
    ],
  }],
});
project.eslint!.addOverride({
  files: ['lib/core/**/*.ts'],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [{
        group: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'],
        message: 'lib/core is the pipeline without the CDK: take what you need as a plain argument from lib/*.ts.',
      }],
    }],
    // bundled, see devDeps
    'import/no-extraneous-dependencies': ['error', { devDependencies: true, optionalDependencies: false, peerDependencies: false }],
  } as any,
});
project.eslint!.addOverride({
  files: ALL_OF_APP.filter((ring) => !['base', 'cache'].includes(ring)).map((ring) => `lib/core/${ring}/**/*.ts`),
  rules: {
    'no-restricted-properties': ['error', {
      object: 'fs', property: 'statSync', message: 'It throws where a folder may not be entered: take statIfThere of base/files.',
    }],
  } as any,
});
project.eslint!.addOverride({
  files: ['lib/cli/**/*.ts', 'lib/pipeline/local/{bill-of-materials,text-diff}.ts', 'lib/pipeline/remote/*-sdk.ts'],
  rules: { 'import/no-extraneous-dependencies': ['error', { devDependencies: true }] } as any, // bundled
});
project.eslint!.addOverride({
  files: ['test/**', 'examples/**'],
  rules: { 'max-lines': 'off', 'max-len': 'off', '@stylistic/max-len': 'off', 'no-console': 'off' },
});
// examples import the library by its name, which only resolves when it is compiled
project.eslint!.addOverride({ files: ['examples/**'], rules: { 'import/no-unresolved': 'off' } });

addChecks(project.github!);
pinActions(project.github!);
forgetCredentials(project);
releaseByChangelog(project);

// --- package.json
project.package.addField('version', VERSION);
project.tryFindObjectFile('package.json')!.addOverride('jsii.targets.python.classifiers', [
  'Framework :: AWS CDK', 'Framework :: AWS CDK :: 2',
]);
project.package.addField('type', 'commonjs');
project.package.addField('preferUnplugged', true); // Yarn's Plug'n'Play: Node.js cannot start a program that is inside of a zip
project.package.addField('exports', {
  '.': { types: './lib/index.d.ts', default: './lib/index.js' },
  './pipeline': { types: './lib/pipeline/api.d.ts', default: './lib/bundled/pipeline/index.js' },
  './package.json': './package.json',
  './.jsii': './.jsii',
});
// for moduleResolution node10, which knows no exports
project.package.addField('typesVersions', { '*': { pipeline: ['./lib/pipeline/api.d.ts'] } });
project.package.addField('bin', {
  'pip-source-artifact': 'lib/bundled/cli/index.mjs',
  'cdk-pip-source-artifact': 'lib/bundled/cli/index.mjs', // for npx
});
// a user who hands an S3Client to the pipeline has it. It is an optional peer without a range, as jsii refuses peers that are not jsii's
project.package.addField('peerDependenciesMeta', Object.fromEntries(
  ['s3', 'lambda', 'cloudformation'].map((name) => [`@aws-sdk/client-${name}`, { optional: true }]),
));
project.package.addField('overrides', {
  'unrs-resolver': '1.12.2', // optional binaries of 1.13.0 are missing, so that npm ci refuses every lock file
  '@aws-cdk/asset-node-proxy-agent-v6': '2.1.1', // the Go binding repeats what is installed
});

// --- files
project.gitignore.addPatterns(
  '/lib/bundled/', '/lib/publication-handler/', '/.ministack/', 'cdk.out', '__pycache__/', '.jsii.tabl.json', '*.tgz', '.DS_Store',
);
// packed are the bundles, index.js that loads them, and the types of what it exports
project.npmignore!.addPatterns(
  '/lib/**/*.ts', '!/lib/**/*.d.ts', '/lib/**/*.js', '!/lib/index.js', '!/lib/bundled/**/*.js', '!/lib/publication-handler/index.js',
  '/lib/core/**', '/lib/cli/**', '/lib/pipeline/**',
  '!/lib/pipeline/api.d.ts', '!/lib/pipeline/model/*.d.ts', '!/lib/pipeline/functions/**/*.d.ts',
  '!/lib/core/base/error.d.ts', '!/lib/core/base/references.d.ts', '!/lib/core/base/words.d.ts',
  '/.*/', '/.projenrc.ts', '/AGENTS.md', '/SECURITY.md', '/docs/', '/examples/', '/test/', '.jsii.tabl.json', 'cdk.out', '.ministack',
);

// --- tests
project.testTask.reset(); // lint is a command of its own
project.testTask.exec('vitest run --config test/vitest.config.mts', { receiveArgs: true });
project.testTask.exec('tsc --noEmit -p test/tsconfig.json');
project.addTask('test:update', { exec: 'vitest run --config test/vitest.config.mts --update', receiveArgs: true });
project.addTask('test:package', {
  description: 'Install the packed library into an app and use it there (after compile)',
  exec: 'node test/package/check.mjs',
});
addLint(project);
project.addTask('test:languages', {
  description: 'The apps of examples/ with the packages of this commit: Python, TypeScript, Java, Go, C# (after compile)',
  exec: 'node test/languages/check.mjs',
});
const WITH_ARGUMENTS = {
  'test:integration': {
    description: 'Apps, commands and publishers in processes of their own, builds by each backend, faults and kills',
    exec: 'vitest run --config test/integration.config.mts',
  },
  'test:reproducible': {
    description: 'The same bytes everywhere: the matrix, slow',
    exec: 'vitest run --config test/reproducible/vitest.config.mts',
  },
  'bench': { description: 'Ours and others, side by side (after compile)', exec: 'node test/bench/bench.mjs' },
};
for (const [name, task] of Object.entries(WITH_ARGUMENTS)) project.addTask(name, { ...task, receiveArgs: true });
project.addScripts({ demo: 'node examples/demo/demo.mjs' });

// --- build makes the npm package alone; package-all makes those of the other languages
addDocuments(project);
project.packageTask.reset();
project.packageTask.spawn(project.tasks.tryFind('package:js')!);

project.synth();
