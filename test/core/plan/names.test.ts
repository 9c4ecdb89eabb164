import { describe, expect, test } from 'vitest';
import { checkPrefix, checkVersion, consoleUrl, sourceObjectKey } from '../../../lib/core/plan/object-key';
import { objectMetadata, objectTags, ownMetadata } from '../../../lib/core/plan/object-labels';

describe('version', () => {
  test.each(['0.1.1', '1!2.0', '1.0.0-rc.1+build.5', '1.0.post1.dev2', '2026.11.23', '1.0+ubuntu_1'])('%s stands in a key', (version) => {
    expect(checkVersion(version)).toBe(version);
  });
  test.each(['', '../1', 'a/b', '1..2', '.1', '1 0', '1.0\n', '1.0#x', 'ü', '-1', '1'.repeat(129)])('fails: %j', (version) => {
    expect(() => checkVersion(version)).toThrow(
      `the version cannot stand in an S3 key, got ${JSON.stringify(version)}; use a PEP 440 or SemVer version such as 1.2.3, of letters, digits and .+-_!, at most 128 characters`,
    );
  });
});

describe('prefix', () => {
  test.each([['lambda/', 'lambda/'], ['lambda', 'lambda/'], ['', ''], ['a/b c/', 'a/b c/']])('%j', (prefix, checked) => {
    expect(checkPrefix(prefix)).toBe(checked);
  });
  test.each(['/', '/a', 'a//b', '../a/', 'a/./b', 'a\u0000', 'x'.repeat(600)])('fails: %j', (prefix) => {
    expect(() => checkPrefix(prefix)).toThrow(`the prefix cannot stand in an S3 key, got ${JSON.stringify(prefix)}; write it like "lambda/" or "team/app/", or "" for none`);
  });
  test.each(['*', 'lambda/*', 'a?/', 'team-${aws:username}/', '${', 'a/${*}/b/', 'a*'])('fails, as policies would take it for a pattern: %j', (prefix) => {
    expect(() => checkPrefix(prefix)).toThrow(
      `the prefix has *, ? or ${'${'}, which are patterns in IAM policies, got ${JSON.stringify(prefix)}; write it without them [prefix-pattern]`,
    );
  });
  test.each(['$a/', '{a}/', '$/{', 'a$', '!a+b=c@d,e;f&g/', 'größe/'])('has no pattern: %j', (prefix) => {
    expect(checkPrefix(prefix)).toBe(prefix.endsWith('/') ? prefix : `${prefix}/`);
  });
});

test('key and console URL', () => {
  expect(sourceObjectKey('lambda/', '1.0+a')).toBe('lambda/source/1.0+a/source.zip');
  expect(consoleUrl('b', 'lambda/source/1.0+a/source.zip', 'eu-west-1')).toBe('https://console.aws.amazon.com/s3/object/b?region=eu-west-1&prefix=lambda%2Fsource%2F1.0%2Ba%2Fsource.zip');
});

test('console links of each partition, for a region of it', () => {
  // as botocore's partitions.json has the partitions and their regions
  const domains: Readonly<Record<string, readonly string[]>> = {
    'console.aws.amazon.com': ['us-east-1', 'eu-central-2', 'ap-southeast-7', 'il-central-1', 'mx-central-1', 'me-south-1'],
    'console.amazonaws.cn': ['cn-north-1', 'cn-northwest-1'],
    'console.amazonaws-us-gov.com': ['us-gov-west-1', 'us-gov-east-1'],
    'console.amazonaws-eusc.eu': ['eusc-de-east-1'],
    'console.c2shome.ic.gov': ['us-iso-east-1', 'us-iso-west-1'],
    'console.sc2shome.sgov.gov': ['us-isob-east-1', 'us-isob-west-1'],
    'console.csphome.hci.ic.gov': ['us-isof-south-1', 'us-isof-east-1'],
    'console.csphome.adc-e.uk': ['eu-isoe-west-1'],
  };
  for (const [domain, regions] of Object.entries(domains)) {
    for (const region of regions) expect(consoleUrl('b', 'k', region)).toBe(`https://${domain}/s3/object/b?region=${region}&prefix=k`);
  }
});

describe('metadata', () => {
  const own = ownMetadata({ version: '1.0', sourceSha256: 'x'.repeat(64), codeSha256: 'x'.repeat(44) });
  test('in lower case, as S3 gives it back', () => {
    expect(objectMetadata(own, { Team: 'Billing & Co', empty: '' })).toEqual({ ...own, team: 'Billing & Co', empty: '' });
  });
  test.each<[Record<string, string>, string]>([
    [{ 'a b': '1' }, 'a metadata name has characters that S3 refuses, got "a b"; use letters, digits and any of !#$%&\'*+-.^_`|~'],
    [{ a: '1', A: '2' }, 'a metadata name is given twice, got "A"; rename it'],
    [{ Source_Sha256: '1' }, 'a metadata name is one that the library sets, got "Source_Sha256"; rename it'],
    [{ a: 'größe' }, 'the value of metadata "a" has characters that S3 refuses, got "größe"; use printable ASCII without blanks at its ends'],
    [{ a: ' 1' }, 'the value of metadata "a" has characters that S3 refuses, got " 1"; use printable ASCII without blanks at its ends'],
    [{ a: 'x'.repeat(1900) }, 'the metadata is larger than S3\'s 2048 bytes, got 2050; shorten it'],
  ])('fails: %#', (added, message) => {
    expect(() => objectMetadata(own, added)).toThrow(message);
  });
  describe.each<[string, Record<string, string>]>([
    ['with a commit', { ...own, source_name: 'app', built_with: 'python 3', git_commit: 'c' }],
    ['without a commit', { ...own, source_name: 'app', built_with: 'python 3' }],
    ['when nothing is known of the build', own],
  ])('has names that are the library\'s alone, %s', (_, library) => {
    test.each(['source_name', 'source_version', 'source_sha256', 'code_sha256', 'git_commit', 'built_with', 'Git_Commit', 'BUILT_WITH'])('%s', (name) => {
      expect(() => objectMetadata(library, { team: 'a', [name]: '1' })).toThrow(
        `a metadata name is one that the library sets, got "${name}"; rename it [metadata-reserved]`,
      );
    });
    test('and others that are like them', () => {
      const like = { git_commits: '1', source: '1', commit: '1', built: '1' };
      expect(objectMetadata(library, like)).toEqual({ ...library, ...like });
    });
  });
  test('fills its 2 KB to the last byte', () => {
    const used = Object.entries(own).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(() => objectMetadata(own, { a: 'x'.repeat(2048 - used - 1) })).not.toThrow();
    expect(() => objectMetadata(own, { a: 'x'.repeat(2048 - used) })).toThrow(/got 2049/);
  });
});

describe('tags', () => {
  test('ten, with what S3 takes', () => {
    const tags = { ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, ''])), 'größe _.:/=+-@': '日本 1' };
    expect(objectTags(tags)).toEqual(tags);
  });
  test.each<[Record<string, string>, string]>([
    [Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, ''])), 'S3 takes at most 10 tags on an object, got 11; remove some'],
    [{ '': 'x' }, 'a tag\'s key is not of 1 to 128 characters, got ""; shorten it'],
    [{ 'aws:x': '1' }, 'a tag\'s key starts with aws:, which AWS keeps for itself, got "aws:x"; rename it'],
    [{ 'a?': '1' }, 'a tag\'s key has characters that S3 refuses, got "a?"; use letters, digits, blanks and any of _.:/=+-@'],
    [{ a: 'x;y' }, 'the value of tag "a" has characters that S3 refuses, got "x;y"; use letters, digits, blanks and any of _.:/=+-@'],
    [{ a: 'x'.repeat(257) }, `the value of tag "a" is longer than 256 characters, got "${'x'.repeat(257)}"; shorten it`],
  ])('fails: %#', (tags, message) => {
    expect(() => objectTags(tags)).toThrow(message);
  });
});
