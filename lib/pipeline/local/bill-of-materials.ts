import { ComponentType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums';
import {
  Bom, Component, LicenseExpression, Metadata, NamedLicense, Property, SpdxLicense, Tool, type License,
} from '@cyclonedx/cyclonedx-library/Models';
import { JSON as Json, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize';
import { isSupportedSpdxId } from '@cyclonedx/cyclonedx-library/SPDX';
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec';
import { OUR_VERSION } from '../../core/base/library-version';
import { headerOf, headersOf } from '../../core/pep/dist-info';
import { normaliseName } from '../../core/pep/name';
import { parseRequirement } from '../../core/pep/requirement';

/** What a bill of materials is of. */
export interface Subject {
  readonly name: string;
  readonly version?: string;
  /** Of its files, hexadecimal. */
  readonly contentSha256: string;
  /** Of its archive, hexadecimal. */
  readonly archiveSha256: string;
  /** Core metadata of the packages in it. */
  readonly metadata: readonly string[];
  /** Of the wheels that the packages come from, hexadecimal, by name, as far as they are known. */
  readonly wheels?: Readonly<Record<string, string>>;
}

/** As CycloneDX, JSON. The same for the same content: it has no time and no serial number. @see https://cyclonedx.org/docs/1.6/json/ */
export function billOfMaterials({ name, version, contentSha256, archiveSha256, metadata, wheels = {} }: Subject): string {
  const subject = new Component(ComponentType.Application, name, { version, bomRef: 'subject' });
  subject.hashes.set(HashAlgorithm['SHA-256'], archiveSha256);
  subject.properties.add(new Property('cdk-pip-source-artifact:contentSha256', contentSha256));
  const bom = new Bom({ metadata: new Metadata({ component: subject }) });
  bom.metadata.tools.tools.add(new Tool({ name: 'cdk-pip-source-artifact', version: OUR_VERSION }));
  const components = new Map(metadata.map((text) => [normaliseName(headerOf(text, 'Name')), componentOf(text, wheels)]));
  for (const text of metadata) {
    const component = components.get(normaliseName(headerOf(text, 'Name')))!;
    bom.components.add(component);
    subject.dependencies.add(component.bomRef);
    for (const other of requiredNames(text)) {
      const required = components.get(other);
      if (required && required !== component) component.dependencies.add(required.bomRef);
    }
  }
  return `${new JsonSerializer(new Json.Normalize.Factory(Spec1dot6)).serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentOf(text: string, wheels: Readonly<Record<string, string>>): Component {
  const [name, version] = [normaliseName(headerOf(text, 'Name')), headerOf(text, 'Version')];
  const purl = `pkg:pypi/${name}@${encodeURIComponent(version)}`; // https://github.com/package-url/purl-spec/blob/main/types-doc/pypi-definition.md
  const description = headerOf(text, 'Summary') || undefined;
  const component = new Component(ComponentType.Library, name, { version, purl, bomRef: purl, description });
  if (wheels[name] !== undefined) component.hashes.set(HashAlgorithm['SHA-256'], wheels[name]);
  for (const license of licensesOf(text)) component.licenses.add(license);
  return component;
}

/** An expression of PEP 639, else what older metadata says in its own words. */
function licensesOf(text: string): License[] {
  const expression = headerOf(text, 'License-Expression');
  if (expression !== '') return [isSupportedSpdxId(expression) ? new SpdxLicense(expression) : new LicenseExpression(expression)];
  const license = headerOf(text, 'License');
  const isName = license !== '' && license.toUpperCase() !== 'UNKNOWN' && license.length <= MAX_NAME; // some have all of the licence there
  const named = headersOf(text, 'Classifier').filter((item) => item.startsWith('License :: ')).map((item) => item.split(' :: ').at(-1)!);
  const names = isName ? [license] : named.filter((item) => item !== 'OSI Approved');
  return names.map((item) => isSupportedSpdxId(item) ? new SpdxLicense(item) : new NamedLicense(item));
}

const MAX_NAME = 100;

function requiredNames(text: string): string[] {
  return headersOf(text, 'Requires-Dist').flatMap((line) => {
    try {
      return [parseRequirement(line).name];
    } catch {
      return []; // the metadata of old packages is not always right
    }
  });
}
