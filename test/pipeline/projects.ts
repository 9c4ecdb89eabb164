import * as fs from 'node:fs';
import * as path from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { temporaryFolder, writeFiles } from '../setup/projects';

/** What the guide's project has in its package. */
const APP = {
  'my_lambda_app/__init__.py': '',
  'my_lambda_app/business_logic.py': 'def greet():\n    return "Hello from Lambda!"\n',
  'my_lambda_app/lambda_function.py': 'from my_lambda_app.business_logic import greet\n\ndef lambda_handler(event, context):\n    return {"statusCode": 200, "body": greet()}\n',
};

const PYPROJECT = `[project]
name = "my-lambda-app"
version = "0.1.1"
description = "My AWS Lambda application"
dependencies = ["requests"]

[tool.setuptools.packages.find]
where = ["."]
include = ["my_lambda_app*"]

[tool.setuptools.package-data]
"my_lambda_app" = ["lambda_function.py"]
`;

const SETUP_PY = `from setuptools import setup
setup(name="my-lambda-app", version="0.1.1", packages=["my_lambda_app"], install_requires=["requests"])
`;

/** The guide's project, with its .venv; built by setuptools. */
export function guideProject(file: 'pyproject.toml' | 'setup.py'): string {
  const project = path.join(temporaryFolder(), 'my-lambda-project');
  writeFiles(project, { ...APP, [file]: file === 'setup.py' ? SETUP_PY : PYPROJECT });
  return withVenv(project);
}

/** The same one for all: a build environment belongs to a Python. */
function withVenv(project: string): string {
  fs.symlinkSync(inject('venv'), path.join(project, '.venv'), 'dir');
  return project;
}

export interface Tiny {
  /** Of the project and its package. */
  readonly name?: string;
  readonly version?: string;
  /** Of the handler's module. */
  readonly code?: string;
  /** A Python expression: what the package tells in `seen.txt`. */
  readonly seen?: string;
  /** More headers of the metadata. */
  readonly metadata?: string;
  /** More files of the package, by their names. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A project whose backend is in it: pip has nothing to download and little to do. */
export function tinyProject({ name = 'tiny', version = '1.0', code = 'def lambda_handler(event, context): ...\n', files = {}, seen, metadata = '' }: Tiny = {}, folder = path.join(temporaryFolder(), name)): string {
  const inPackage = Object.fromEntries(Object.entries({ 'lambda_function.py': code, ...files }).map(([file, content]) => [`${name}/${file}`, content]));
  writeFiles(folder, {
    'pyproject.toml': `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "${name}"\nversion = "${version}"\n`,
    'backend.py': `
import os, sys, time, zipfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    wheel = "${name}-${version}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w") as z:
        for folder, _, names in os.walk("${name}"):
            for file in names:
                z.write(os.path.join(folder, file))
        ${seen ? `z.writestr("${name}/seen.txt", ${seen})` : ''}
        z.writestr("${name}-${version}.dist-info/METADATA", "Metadata-Version: 2.1\\nName: ${name}\\nVersion: ${version}\\n${metadata}")
        z.writestr("${name}-${version}.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: backend 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr("${name}-${version}.dist-info/RECORD", "")
    return wheel
`,
    ...inPackage,
  });
  return withVenv(folder);
}

/** A bucket in ministack, and a client of it. */
export async function newBucket(name: string): Promise<{ readonly s3Client: S3Client; readonly bucket: string; readonly s3DirLambda: string }> {
  Object.assign(process.env, inject('ministack'));
  const s3Client = new S3Client({});
  await s3Client.send(new CreateBucketCommand({ Bucket: name }));
  return { s3Client, bucket: name, s3DirLambda: `s3://${name}/lambda/` };
}

/** All files in a folder, by their paths. */
export function listFolder(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((item) => !item.isDirectory())
    .map((item) => path.relative(folder, path.join(item.parentPath, item.name))).sort();
}
