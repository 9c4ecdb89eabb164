// What the registries of the languages ask of a package's description, and would refuse after a release has begun.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { CODE, ROOT, say } from './walk.mjs';

const { version, description, homepage } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const read = (...names) => fs.readFileSync(path.join(CODE, ...names), 'utf8');
const isWeb = (url) => /^https:\/\/[\w./-]+$/.test(url);
const hasAll = (text, parts) => assert.deepEqual(parts.filter((part) => !text.includes(part)), []);

/** Of Java, C# and Go; those of Python are in python.mjs, and publint is for npm's. */
export function checkPackages() {
  const pom = read('java', 'pom.xml');
  hasAll(pom, [`<version>${version}</version>`, `<description>${description}</description>`, `<url>${homepage}</url>`, '<name>Apache License 2.0</name>', '<developer>', '<scm>']);
  assert.deepEqual([...pom.matchAll(/<(?:url|connection)>(?:scm:git:)?([^<]*)</g)].map(([, url]) => url).filter((url) => !isWeb(url)), [], 'URLs of the pom');

  const csproj = read('dotnet', 'CdkPipSourceArtifact', 'CdkPipSourceArtifact.csproj');
  hasAll(csproj, [`<PackageVersion>${version}</PackageVersion>`, '<PackageId>CdkPipSourceArtifact</PackageId>', '<PackageLicenseExpression>Apache-2.0</PackageLicenseExpression>', `<ProjectUrl>${homepage}</ProjectUrl>`]);
  assert.deepEqual([...csproj.matchAll(/<(?:ProjectUrl|RepositoryUrl)>([^<]*)</g)].map(([, url]) => url).filter((url) => !isWeb(url)), [], 'URLs of the csproj');

  hasAll(read('go', 'cdkpipsourceartifact', 'go.mod'), ['module github.com/cdk-pip-source-artifact/cdk-pip-source-artifact-go/cdkpipsourceartifact']);
  for (const file of [['java', 'LICENSE'], ['go', 'cdkpipsourceartifact', 'LICENSE'], ['dotnet', 'CdkPipSourceArtifact', 'LICENSE']]) assert(read(...file).includes('Apache License'), file.join('/'));
  say('packages of Java, C# and Go: names, versions, URLs and licences are right');
}
