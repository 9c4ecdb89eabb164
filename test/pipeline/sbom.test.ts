import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { sha256 } from '../../lib/core/base/tree';
import { buildSourceArtifactsUsingPip, createLayerZip, createSbom, createSourceZip } from '../../lib/pipeline/api';
import { copyFixture, temporaryFolder, writeFiles } from '../setup/projects';
import { writeWheel } from '../setup/wheels';

let wheels: string;
let layer: { readonly dirProjectRoot: string; readonly runtime: string; readonly pipArgs: string[]; readonly verbose: false };

beforeAll(async () => {
  wheels = temporaryFolder();
  await writeWheel(wheels, { name: 'Greet.ings', version: '2.0+local.1', requires: ['words>=1', 'not-there; extra == "x"'], headers: ['License-Expression: MIT OR Apache-2.0', 'Summary: Greets'] });
  await writeWheel(wheels, { name: 'words', version: '1.5', headers: ['License: MIT'] });
  await writeWheel(wheels, { name: 'dots', version: '1.0', headers: ['License: UNKNOWN', 'Classifier: License :: OSI Approved', 'Classifier: License :: OSI Approved :: BSD License'] });
  await writeWheel(wheels, { name: 'plain', version: '1.0' });
  const dirProjectRoot = writeFiles(path.join(temporaryFolder(), 'project'), { 'requirements.txt': 'greet-ings==2.0+local.1\nwords==1.5\ndots==1.0\nplain==1.0\n' });
  layer = { dirProjectRoot, runtime: 'python3.13', pipArgs: ['--no-index', '--find-links', wheels], verbose: false };
});

const read = (file: string) => JSON.parse(fs.readFileSync(file, 'utf8'));
const hashOf = (wheel: string) => [{ alg: 'SHA-256', content: sha256(fs.readFileSync(path.join(wheels, wheel))) }];

test('of a layer: names, versions, licences, digests of the wheels, and what requires what', async () => {
  const { pathSbom, packages, contentSha256, specVersion } = await createSbom(layer);
  const { layerSha256, codeSha256 } = await createLayerZip({ ...layer, dryRun: true });
  expect(pathSbom).toBe(path.join(layer.dirProjectRoot, 'build', 'lambda', 'layer', 'layer.cdx.json'));
  expect([contentSha256, specVersion]).toEqual([layerSha256, '1.6']);
  expect(packages).toEqual(['dots==1.0', 'Greet.ings==2.0+local.1', 'plain==1.0', 'words==1.5']);
  const bill = read(pathSbom);
  expect(bill).toMatchObject({ $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', bomFormat: 'CycloneDX', specVersion: '1.6' });
  expect(bill.metadata.component).toMatchObject({ name: 'layer', hashes: [{ alg: 'SHA-256', content: Buffer.from(codeSha256, 'base64').toString('hex') }], properties: [{ name: 'cdk-pip-source-artifact:contentSha256', value: layerSha256 }] });
  expect(bill.components).toEqual([
    { 'type': 'library', 'name': 'dots', 'version': '1.0', 'bom-ref': 'pkg:pypi/dots@1.0', 'purl': 'pkg:pypi/dots@1.0', 'licenses': [{ license: { name: 'BSD License' } }], 'hashes': hashOf('dots-1.0-py3-none-any.whl') },
    { 'type': 'library', 'name': 'greet-ings', 'version': '2.0+local.1', 'description': 'Greets', 'bom-ref': 'pkg:pypi/greet-ings@2.0%2Blocal.1', 'purl': 'pkg:pypi/greet-ings@2.0%2Blocal.1', 'licenses': [{ expression: 'MIT OR Apache-2.0' }], 'hashes': hashOf('greet_ings-2.0+local.1-py3-none-any.whl') },
    { 'type': 'library', 'name': 'plain', 'version': '1.0', 'bom-ref': 'pkg:pypi/plain@1.0', 'purl': 'pkg:pypi/plain@1.0', 'hashes': hashOf('plain-1.0-py3-none-any.whl') },
    { 'type': 'library', 'name': 'words', 'version': '1.5', 'bom-ref': 'pkg:pypi/words@1.5', 'purl': 'pkg:pypi/words@1.5', 'licenses': [{ license: { id: 'MIT' } }], 'hashes': hashOf('words-1.5-py3-none-any.whl') },
  ]);
  expect(bill.dependencies).toContainEqual({ ref: 'pkg:pypi/greet-ings@2.0%2Blocal.1', dependsOn: ['pkg:pypi/words@1.5'] });
  expect(fs.readFileSync((await createSbom({ ...layer, refresh: true, pathSbom: path.join(temporaryFolder(), 'again.json') })).pathSbom), 'the same again').toEqual(fs.readFileSync(pathSbom));
});

test('of archives: of a layer, and of a source artifact', async () => {
  const { pathLayerZip, layerSha256 } = await createLayerZip(layer);
  const ofLayer = await createSbom({ pathZip: pathLayerZip, verbose: false });
  expect(ofLayer).toMatchObject({ pathSbom: pathLayerZip.replace('.zip', '.cdx.json'), contentSha256: layerSha256 });
  expect(read(ofLayer.pathSbom).components.map(({ purl }: { purl: string }) => purl)).toHaveLength(4);

  const project = copyFixture('setuptools-flat');
  const { dirLambdaSourceBuild } = await buildSourceArtifactsUsingPip({ pathSetupPyOrPyprojectToml: path.join(project, 'pyproject.toml'), skipPrompt: true, verbose: false });
  const { pathSourceZip, sourceSha256, name, sourceVersion } = await createSourceZip({ dirLambdaSourceBuild, verbose: false });
  const ofSource = await createSbom({ pathZip: pathSourceZip, verbose: false });
  expect(ofSource).toMatchObject({ contentSha256: sourceSha256, packages: [`${name}==${sourceVersion}`] });
  expect(read(ofSource.pathSbom).metadata.component).toMatchObject({ name, version: sourceVersion });
});

test('fails for what it cannot be made of, and writes over nothing else', async () => {
  const folder = writeFiles(temporaryFolder(), { 'x.zip': 'no zip', 'notes.json': 'mine' });
  await expect(createSbom({ pathZip: path.join(folder, 'x.zip'), verbose: false })).rejects.toThrow('createSbom: it is not an archive of installed packages, got');
  await expect(createSbom({ ...layer, runtime: undefined })).rejects.toThrow('createSbom: it is not said which runtime the layer is for; set runtime, or pathZip to an archive [runtime-unknown]');
  await expect(createSbom({ ...layer, pathSbom: path.join(folder, 'notes.json') })).rejects.toThrow('createSbom: pathSbom is a file that is not a bill of materials: it will not be replaced');
  expect(fs.readdirSync(folder).sort()).toEqual(['notes.json', 'x.zip']);
});
