import { refusal } from '../base/error';

/** Metadata or tags: names and values. */
export type Labels = Readonly<Record<string, string>>;

/** The content that an object's metadata describes. */
interface Described {
  readonly version: string;
  readonly sourceSha256: string;
  readonly codeSha256: string;
}

/** The library's own metadata of an object. `source_sha256` and `source_version` are the names of the guide. */
export function ownMetadata({ version, sourceSha256, codeSha256 }: Described): Record<string, string> {
  return { source_version: version, source_sha256: sourceSha256, code_sha256: codeSha256 };
}

/** The names that the library sets, some of them only for a commit. The user may never set them. */
const RESERVED = ['source_name', 'source_version', 'source_sha256', 'code_sha256', 'git_commit', 'built_with'];

const MAX_METADATA_SIZE = 2048; // bytes
const MAX_TAGS = 10;

/**
 * The metadata of a published object, the library's own first. S3 gives names back in lower case, so they are stored in it.
 *
 * @param isKnown whether a value is known yet; S3 checks the others
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
 */
export function objectMetadata(own: Labels, added: Labels = {}, isKnown = (_value: string) => true): Record<string, string> {
  const metadata: Record<string, string> = { ...own };
  for (const [name, value] of Object.entries(added)) {
    const key = name.toLowerCase();
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(key)) {
      const advice = "use letters, digits and any of !#$%&'*+-.^_`|~";
      throw refusal('metadata-name', 'a metadata name has characters that S3 refuses', name, advice);
    }
    if (RESERVED.includes(key)) throw refusal('metadata-reserved', 'a metadata name is one that the library sets', name, 'rename it');
    if (key in metadata) throw refusal('metadata-twice', 'a metadata name is given twice', name, 'rename it');
    if (isKnown(value) && !/^([!-~]([ -~]*[!-~])?)?$/.test(value)) {
      const problem = `the value of metadata ${JSON.stringify(name)} has characters that S3 refuses`;
      throw refusal('metadata-value', problem, value, 'use printable ASCII without blanks at its ends');
    }
    metadata[key] = value;
  }
  const size = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + (isKnown(value) ? value.length : 0), 0);
  if (size <= MAX_METADATA_SIZE) return metadata;
  throw refusal('metadata-size', `the metadata is larger than S3's ${MAX_METADATA_SIZE} bytes`, size, 'shorten it');
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
export function objectTags(tags: Labels = {}, isKnown = (_value: string) => true): Labels {
  const all = Object.entries(tags);
  if (all.length > MAX_TAGS) throw refusal('tag-count', `S3 takes at most ${MAX_TAGS} tags on an object`, all.length, 'remove some');
  for (const [key, value] of all) {
    checkTagKey(key);
    if (isKnown(value)) checkTagValue(key, value);
  }
  return tags;
}

function checkTagKey(key: string): void {
  if (key.length < 1 || key.length > 128) throw refusal('tag-key-length', 'a tag\'s key is not of 1 to 128 characters', key, 'shorten it');
  if (/^aws:/i.test(key)) throw refusal('tag-key-reserved', 'a tag\'s key starts with aws:, which AWS keeps for itself', key, 'rename it');
  if (!TAG_TEXT.test(key)) throw refusal('tag-key-characters', 'a tag\'s key has characters that S3 refuses', key, TAG_ADVICE);
}

function checkTagValue(key: string, value: string): void {
  const subject = `the value of tag ${JSON.stringify(key)}`;
  if (value.length > 256) throw refusal('tag-value-length', `${subject} is longer than 256 characters`, value, 'shorten it');
  if (!TAG_TEXT.test(value)) throw refusal('tag-value-characters', `${subject} has characters that S3 refuses`, value, TAG_ADVICE);
}

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const TAG_ADVICE = 'use letters, digits, blanks and any of _.:/=+-@';

/** S3's names. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
const ENCRYPTIONS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;

/** Refuse an encryption that S3 does not have. */
export function checkEncryption(name: string | undefined): typeof ENCRYPTIONS[number] | undefined {
  const found = ENCRYPTIONS.find((known) => known === name);
  if (name === undefined || found) return found;
  const advice = `set {serverSideEncryption} to one of ${ENCRYPTIONS.join(', ')}`;
  throw refusal('encryption-unknown', 'there is no such encryption of S3', name, advice);
}
