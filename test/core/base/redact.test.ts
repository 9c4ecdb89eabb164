import { expect, test } from 'vitest';
import { refusal } from '../../../lib/core/base/error';
import { redact } from '../../../lib/core/base/redact';

test.each([
  ['https://user:pw@host/simple', 'https://****@host/simple'],
  ['https://user:p@ss@host/simple', 'https://****@host/simple'],
  ['https://user:p/w@host', 'https://user:p/w@host'], // not a URL: a slash ends the authority
  ['git+ssh://git@github.com/a/b.git@v1', 'git+ssh://****@github.com/a/b.git@v1'],
  ['see https://a:b@c and https://d:e@f, too', 'see https://****@c and https://****@f, too'],
  ['https://b.s3.amazonaws.com/w.whl?X-Amz-Credential=AKIA%2F1&X-Amz-Security-Token=abc&X-Amz-Signature=def&X-Amz-Date=1', 'https://b.s3.amazonaws.com/w.whl?X-Amz-Credential=****&X-Amz-Security-Token=****&X-Amz-Signature=****&X-Amz-Date=1'],
  ['https://host/w.whl?token=abc#sha256=0f', 'https://host/w.whl?token=****#sha256=0f'],
  ['a@b.c is an address, https://host/a@b is a path', 'a@b.c is an address, https://host/a@b is a path'],
])('%s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('values of messages that are lists', () => {
  const { message } = refusal('lock-ambiguous', 'two', ['https://u:p@x/a.whl', ['https://x/b.whl?sig=1']], 'choose one');
  expect(message).toContain('["https://****@x/a.whl",["https://x/b.whl?sig=****"]]');
});
